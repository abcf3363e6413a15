"""The staff's pages. Every route with the right that it needs; read from top to bottom, it is the whole application."""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from mailroom import dictionary
from mailroom.errors import TryAgain
from mailroom.office import Office
from mailroom.web import (
    access_log,
    account,
    assets,
    case_acts,
    counter,
    dry_run,
    figures,
    item,
    item_acts,
    learning,
    letters,
    login,
    office_pages,
    oidc,
    originals,
    personal_data,
    places,
    print_run,
    probes,
    queue,
    received,
    records,
    succession,
    tokens,
    upload,
    users,
)
from mailroom.web.api import app as api
from mailroom.web.banner import InDryRun
from mailroom.web.headers import SafeHeaders
from mailroom.web.language import InLanguage
from mailroom.web.render import page
from mailroom.web.rights import Right
from mailroom.web.visit import Handler, guarded


@dataclass(frozen=True)
class Page:
    """A path, who answers, and what it takes to be let in."""

    path: str
    handler: Handler
    right: Right
    method: str = "GET"
    files: int = 0
    """How many files a form may bring."""


def _act(path: str, handler: Handler, right: Right) -> Page:
    """A path that changes something."""
    return Page(path, handler, right, "POST")


PAGES = (
    Page("/", login.home, Right.OWN),
    _act("/logout", login.leave, Right.ACCOUNT),
    Page("/account", account.show_account, Right.ACCOUNT),
    _act("/account/password", account.change_password, Right.ACCOUNT),
    Page("/account/second-factor", account.show_second_factor, Right.ACCOUNT),
    _act("/account/second-factor", account.set_up_second_factor, Right.ACCOUNT),
    _act("/account/second-factor/off", account.turn_off_second_factor, Right.ACCOUNT),
    _act("/account/recovery-codes", account.renew_recovery_codes, Right.ACCOUNT),
    _act("/account/sessions/end", account.end_session, Right.ACCOUNT),

    Page("/queue", queue.show_queue, Right.QUEUE),
    Page("/queue/next", succession.open_next, Right.QUEUE),
    Page("/queue/done", succession.show_done, Right.QUEUE),
    _act("/queue/set-aside", queue.confirm_set_aside, Right.DECIDE),
    _act("/queue/assign", queue.assign_ticked, Right.ASSIGN),
    _act("/queue/mark", queue.mark_ticked, Right.MARK),
    _act("/queue/undo", queue.undo_batch, Right.MARK),
    _act("/queue/views", queue.save_view, Right.QUEUE),
    _act("/queue/views/drop", queue.drop_view, Right.QUEUE),

    Page("/items/{item_id:int}", item.show_item, Right.ITEM),
    Page("/items/{item_id:int}/original/{arrival_id:int}", originals.original, Right.ITEM),
    Page("/items/{item_id:int}/copy.pdf", originals.copy, Right.ITEM),
    Page("/items/{item_id:int}/html", originals.mail_html, Right.ITEM),
    Page("/items/{item_id:int}/pages/{number:int}.png", originals.page_picture, Right.ITEM),
    Page("/items/{item_id:int}/attachments/{sha256:str}", originals.attachment, Right.ITEM),
    Page("/items/{item_id:int}/attachments/{sha256:str}/pages/{number:int}.png", originals.attached_page_picture,
         Right.ITEM),
    Page("/items/{item_id:int}/beside/{other_id:int}", item.beside, Right.ITEM),
    _act("/items/{item_id:int}/here", item.here, Right.ITEM),
    _act("/items/{item_id:int}/confirm", item_acts.confirm, Right.DECIDE),
    _act("/items/{item_id:int}/override", item_acts.override, Right.DECIDE),
    _act("/items/{item_id:int}/reclassify", item_acts.reclassify, Right.DECIDE),
    _act("/items/{item_id:int}/set-aside", item_acts.set_aside, Right.DECIDE),
    _act("/items/{item_id:int}/merge", item_acts.merge, Right.DECIDE),
    _act("/items/{item_id:int}/undo", item_acts.undo, Right.MARK),
    _act("/items/{item_id:int}/correct", item_acts.correct, Right.CORRECT),
    _act("/items/{item_id:int}/split", item_acts.split, Right.CORRECT),
    _act("/items/{item_id:int}/mark", item_acts.mark, Right.MARK),
    _act("/items/{item_id:int}/annul", item_acts.annul, Right.DECIDE),
    _act("/items/{item_id:int}/assign", item_acts.assign, Right.ASSIGN),
    _act("/items/{item_id:int}/extend", item_acts.extend, Right.EXTEND),
    _act("/items/{item_id:int}/inspection", item_acts.inspection, Right.EXTEND),
    _act("/items/{item_id:int}/write", item_acts.write, Right.LETTERS),
    Page("/places", places.suggest_places, Right.CORRECT),

    _act("/items/{item_id:int}/join", case_acts.join, Right.CORRECT),
    _act("/items/{item_id:int}/leave-case", case_acts.leave, Right.CORRECT),
    _act("/items/{item_id:int}/as-answer", case_acts.as_answer, Right.CORRECT),
    _act("/items/{item_id:int}/answered", case_acts.answered, Right.MARK),
    _act("/items/{item_id:int}/reopen", case_acts.reopen, Right.MARK),

    Page("/outbox", letters.show_outbox, Right.LETTERS),
    Page("/letters/{outgoing_id:int}.pdf", letters.letter_pdf, Right.ITEM),
    _act("/letters/{outgoing_id:int}/release", letters.release, Right.LETTERS),
    _act("/letters/{outgoing_id:int}/cancel", letters.cancel, Right.LETTERS),
    _act("/letters/{outgoing_id:int}/take-back", letters.take_back, Right.LETTERS),
    _act("/letters/{outgoing_id:int}/to-paper", letters.to_paper, Right.LETTERS),
    _act("/letters/{outgoing_id:int}/to-mended-address", letters.to_mended_address, Right.LETTERS),
    Page("/print", print_run.show, Right.PRINT),
    Page("/print/{run_id:int}/preview.pdf", print_run.preview, Right.PRINT),
    Page("/print/{run_id:int}/letters.pdf", print_run.letters_pdf, Right.PRINT),
    Page("/print/{run_id:int}/posting-list.csv", print_run.posting_list_csv, Right.PRINT),
    Page("/print/{run_id:int}/posting-list.pdf", print_run.posting_list_pdf, Right.PRINT),
    _act("/print/prepare", print_run.prepare, Right.PRINT),
    _act("/print/{run_id:int}/printed", print_run.print_letters, Right.PRINT),
    _act("/print/{run_id:int}/again", print_run.again, Right.PRINT),
    _act("/print/{run_id:int}/posted", print_run.posted, Right.PRINT),

    Page("/counter", counter.show_form, Right.REGISTER),
    _act("/counter", counter.enter, Right.REGISTER),
    Page("/counter/{item_id:int}", counter.show_entered, Right.REGISTER),
    Page("/counter/{item_id:int}/papers.pdf", counter.papers_pdf, Right.REGISTER),
    Page("/counter/{item_id:int}/label.pdf", counter.label_pdf, Right.REGISTER),

    Page("/upload", upload.show_form, Right.REGISTER),
    Page("/upload", upload.take, Right.REGISTER, "POST", files=upload.MOST_FILES),
    Page("/upload/{form:str}", upload.show_taken, Right.REGISTER),
    Page("/received", received.show_files, Right.REGISTER),
    _act("/received/{item_id:int}", received.set_day, Right.REGISTER),

    Page("/learning", learning.show_lesson, Right.CORRECT),
    Page("/digest", office_pages.show_digest, Right.DIGEST),
    Page("/figures", figures.show_dashboard, Right.FIGURES),
    Page("/report", figures.show_report, Right.FIGURES),
    Page("/report/{name:str}", figures.report_file, Right.FIGURES),
    Page("/dry-run", dry_run.show_dry_run, Right.DRY_RUN),
    Page("/health", office_pages.show_health, Right.HEALTH),
    Page("/users", users.show_users, Right.USERS),
    Page("/users/one", users.show_user, Right.USERS),
    _act("/users/add", users.add_user, Right.USERS),
    _act("/users/change", users.change_user, Right.USERS),
    _act("/users/password", users.set_password, Right.USERS),
    _act("/users/disable", users.disable_user, Right.USERS),
    _act("/users/enable", users.enable_user, Right.USERS),
    _act("/users/second-factor/reset", users.reset_second_factor, Right.USERS),
    _act("/users/sessions/end", users.end_sessions, Right.USERS),
    _act("/users/demands", users.demand_second_factor, Right.USERS),
    Page("/tokens", tokens.show_tokens, Right.TOKENS),
    _act("/tokens/add", tokens.add_token, Right.TOKENS),
    _act("/tokens/revoke", tokens.revoke_token, Right.TOKENS),
    Page("/records", records.show_records, Right.RECORDS),
    Page("/records/{act_id:int}.pdf", records.act_pdf, Right.RECORDS),
    _act("/records/propose", records.propose_act, Right.RECORDS),
    _act("/records/{act_id:int}/approve", records.approve_act, Right.RECORDS),
    _act("/records/{act_id:int}/withdraw", records.withdraw_act, Right.RECORDS),
    Page("/personal-data", personal_data.show_search, Right.PERSONAL_DATA),
    _act("/personal-data/report", personal_data.report, Right.PERSONAL_DATA),
    _act("/personal-data/plan", personal_data.show_plan, Right.PERSONAL_DATA),
    _act("/personal-data/erase", personal_data.erase, Right.PERSONAL_DATA),
    Page("/access-log", access_log.show_access_log, Right.ACCESS_LOG),
)


def staff_app(office: Office) -> Starlette:
    """The staff's application, behind a log-in; what its search needs is read now, not when the first clerk waits."""
    dictionary.prepare()
    entrance = login.Login(office)
    return Starlette(
        routes=[
            Route(assets.PATH, assets.serve_asset),
            Mount(api.ROOT, api.api_app(office)),
            Route("/login", entrance.show, methods=["GET"]),
            Route("/login", entrance.enter, methods=["POST"]),
            Route("/login/code", entrance.show_code, methods=["GET"]),
            Route("/login/code", entrance.enter_code, methods=["POST"]),
            *_single_sign_on(office),
            *probes.routes(office),
            *(Route(p.path, guarded(office, p.handler, p.right, files=p.files), methods=[p.method]) for p in PAGES),
        ],
        middleware=[Middleware(InDryRun, dry_run=office.dry_run),
                    Middleware(SafeHeaders, larger={"/upload": upload.most_octets(office)}),
                    Middleware(InLanguage, by_browser=False, secure=office.settings.web.secure_cookies)],
        exception_handlers={HTTPException: refusal, TryAgain: away, 500: broken})


def _single_sign_on(office: Office) -> list[Route]:
    """The way in by the municipality's provider, where one is set up."""
    settings = office.settings.oidc
    if settings is None:
        return [Route("/login/oidc", oidc.no_single_sign_on, methods=["GET"])]
    way_in = oidc.SingleSignOn(office, settings)
    return [Route("/login/oidc", way_in.start, methods=["GET"]), Route(oidc.BACK, way_in.back, methods=["GET"])]


_SENTENCES = {404: "Няма такава страница, или тя не е за Вас.", 405: "Тази страница не приема такава заявка.",
              400: "Заявката не може да се прочете: върнете се и опитайте отново."}


def refusal(_request: Request, error: Exception) -> Response:
    """What the routes themselves refuse, in Bulgarian."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return page("plain.html", status=status, sentence=_SENTENCES.get(status, _SENTENCES[400]))


def away(_request: Request, _error: Exception) -> Response:
    """The register does not answer now; nothing of what was asked was done."""
    return page("plain.html", status=503, sentence="Регистърът не отговаря в момента. Нищо не е загубено; опитайте "
                                                   "отново след минута.")


def broken(_request: Request, _error: Exception) -> Response:
    """A fault of the program: told without details, which the log has."""
    return page("plain.html", status=500, sentence="Нещо се обърка при нас. Опитайте отново; ако се повтори, "
                                                   "обадете се на администратора.")
