"""Own words are kept, history and devices are set apart."""

import pytest

from mailroom.reading.quoting import divide

OWN = "Здравейте, дървото още стои.\n\nВаня Петрова\nул. Липа 5"


@pytest.mark.parametrize("history", [
    "На пн, 2.03.2026 г. в 11:20 ч. Община <c@g.bg> написа:\n\n> Уважаема госпожо,\n> по сигнал РУ-94-118",
    "На 18.05.26 г. в 14:12, Община написа:\n> по сигнал РУ-94-118",
    "On Thu, Feb 19, 2026 at 10:02 AM Община <c@g.bg>\nwrote:\n\n> по сигнал РУ-94-118",
    "От: Община <c@g.bg>\nИзпратено: сряда, 8 април 2026 г. 16:22\nДо: Ваня\nТема: RE: x\n\nпо сигнал РУ-94-118",
    "От: Община Банско\n\nИзпратено: сряда, 8 април 2026 г. 16:22\n\nДо: Ваня\n\nТема: RE: x\n\nпо сигнал РУ-94-118",
    "From: Община <c@g.bg>\nSent: Tuesday, April 28, 2026\nTo: x\nSubject: RE: x\n\nпо сигнал РУ-94-118",
    "-----Original Message-----\nFrom: x\nпо сигнал РУ-94-118",
    "-------- Оригинално писмо --------\nОт: Община\nпо сигнал РУ-94-118",
    "________________________________\nFrom: Община <c@g.bg>\nSent: Tuesday\nTo: x\n\nпо сигнал РУ-94-118",
    "На 18.05.2026 г. Община <c@g.bg> написа:\n\nпо сигнал РУ-94-118\nбез знаци за цитат",
    "c@g.bg написа:\n> по сигнал РУ-94-118",
    "Thu, 26 Jun 2026 14:00:51 +0300 от Община <c@g.bg>:\n\nпо сигнал РУ-94-118",
    "Date: Thu, 26 Jun 2026 13:53:45 +0300\nSubject: x\nFrom: c@g.bg\nTo: x\n\nпо сигнал РУ-94-118",
    "> On 22 Aug 2015, at 19:21, Община <c@g.bg> wrote:\n>\n> по сигнал РУ-94-118",
    "Am 18.05.2026 um 14:12 schrieb Община <c@g.bg>:\n> по сигнал РУ-94-118",
])
def test_history_goes_and_own_words_stay(history: str) -> None:
    divided = divide(f"{OWN}\n\n{history}")
    assert divided.own == OWN
    assert "РУ-94-118" in divided.quoted


def test_answers_between_quoted_lines_are_own_words() -> None:
    divided = divide("На 18.05.26 г. в 14:12, Община написа:\n> Къде е?\n\nДо пощата.\n\n> Ще изпратим екип.\n\n"
                     "Благодаря.\n\n-- \nЙордан\nгр. Ветрен")
    assert divided.own == "До пощата.\n\nБлагодаря.\n\n-- \nЙордан\nгр. Ветрен"
    assert "Къде е?\nЩе изпратим екип." in divided.quoted


@pytest.mark.parametrize("device", [
    "Изпратено от моя iPhone", "Sent from my iPhone", "Изпратено от Yahoo Поща за Android",
    "Изпратено от Поща за Windows",
    "Get Outlook for iOS", "Изтеглете Outlook за Android", "Sent from Outlook for Android",
    "-- \nИзпратено с Mail.bg", "Отправлено с iPhone", "Изпратено от моя Samsung Galaxy смартфон."])
def test_the_device_is_nobodys_words(device: str) -> None:
    assert divide(f"Не свети лампата.\n\n{device}").own == "Не свети лампата."


@pytest.mark.parametrize("text", [
    "Съседът ми написа:\nне ме интересува.\nТова е обида.",
    "На 24.02.2026 г. подадох заявление и още чакам.",
    "Изпратено от мен заявление на 5 май няма отговор.",
    "До: Кмета на общината\nОт: Иван Петров\nДата: 5.3.2026\nОтносно: шум\n\nМоля за проверка.",
    "От: Иван Петров, ivan@abv.example\nОтносно: шум\n\nМоля за проверка.",
    "От: кв. Изток до центъра няма автобус",
    "Моля:\n- да се почисти\n- да се огради",
    "От няколко дни чакам. На въпроса ми служителката каза, че не знае.",
])
def test_ordinary_sentences_are_left_alone(text: str) -> None:
    assert divide(text).own == text


def test_a_long_line_costs_no_time() -> None:
    text = "На " + "дума 1 " * 40_000 + "\n" + "> " * 10_000
    assert divide(text).own.startswith("На дума")
