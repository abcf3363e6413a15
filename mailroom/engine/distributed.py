"""The engine of several machines: Procrastinate's jobs in the register's own PostgreSQL (home of Procrastinate).

    a transaction makes something ready   its job is deferred on the same connection: both are committed, or neither
    a worker anywhere takes the job       the item or letter is claimed in the job's name, the steps are done
    a worker stops (SIGTERM)              it ends what it is at and takes nothing new
    a worker dies (SIGKILL, power)        its heartbeat falls silent, its jobs are tried again elsewhere
    whatever was missed                   the sweep finds by state what is ready and has no job

A job says only which item or letter; how far that is, its own state says. So a job that comes twice finds nothing to
do, and jobs can be thrown away and made anew. One job takes an item through all its steps, as far as they go; where it
is broken off, the next one goes on. The job of a small mail takes the small mails behind it along, and throws their
jobs away.

Lanes, for each process: as many as there are reading processes take anything, one takes only what is quick to read, one
hands over letters. What is due is a job with a lock, so that one machine at a time does it. Searchable copies are made
when no letter waits.
"""

import asyncio
import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager

from mailroom.config import Settings
from mailroom.engine.attempt import (
    MAILS_TOGETHER,
    attempt_copy,
    attempt_item,
    attempt_letter,
    attempt_together,
    hold_unsure,
)
from mailroom.engine.due import do_what_is_due, prove_if_due
from mailroom.engine.owner import LETTER_LEASE, item_lease
from mailroom.errors import MailroomError, Misconfigured, TryAgain
from mailroom.logs import described
from mailroom.memory import give_back
from mailroom.model.base import ItemId, OutgoingId
from mailroom.model.checked import Finding
from mailroom.model.item import Step
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office
from mailroom.store.ready import Ready, Work
from mailroom.store.store import Store

log = structlog.get_logger()

ITEM, COPY, LETTER, DUE, PROOF, SWEEP, STALLED = "item", "copy", "letter", "due", "proof", "sweep", "stalled"
"""The tasks. Kinds of work, DUE and UPKEEP are the queues."""
UPKEEP = "upkeep"
TASKS = {Work.QUICK: ITEM, Work.SCAN: ITEM, Work.COPY: COPY, Work.LETTER: LETTER}
PRIORITIES = {Work.QUICK: 10, Work.SCAN: 0, Work.COPY: -10, Work.LETTER: 10}
EVERY_10_SECONDS, EVERY_30_SECONDS = "* * * * * */10", "* * * * * */30"

HEARTBEAT_SECONDS = 5.0
SILENT_SECONDS = 20.0
"""A worker that was not heard for so long is gone, and its jobs are tried again."""
POLL_SECONDS = 2.0
"""New jobs are heard of at once (NOTIFY); those whose time has come are found by looking."""
TICK_SECONDS = 0.3
RESTART_SECONDS = 3.0
SOON = timedelta(seconds=5)
SWEPT_AT_ONCE = 2000
LIVE = "SELECT id, task_name, args ->> 'id' AS subject FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
THROW_AWAY = ("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %(task)s "
              "AND (args ->> 'id')::bigint = ANY(%(subjects)s)")
OWNER = "job-{}"
"""Who holds an item or a letter: the job, whichever worker has it."""


class Later(MailroomError):
    """Not now: somebody else is at it, or its time has not quite come by our clock."""

    def __init__(self, at: datetime) -> None:
        super().__init__("later")
        self.at = at


class TryLater(BaseRetryStrategy):
    """No job is given up: what fails for good is the item's state to say, and a person's to see."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """When it was asked to be; after anything unforeseen, soon."""
        if isinstance(exception, Later):
            return RetryDecision(retry_at=exception.at)
        return RetryDecision(retry_in={"seconds": int(SOON.total_seconds())})


# -- deferring -------------------------------------------------------------------------------------------------------

def attach(office: Office) -> None:
    """From now on every transaction of this office defers the jobs of what it makes ready; nothing on SQLite."""
    if office.store.is_sqlite:
        return
    _prepare(office.store)
    manager = JobManager(SyncPsycopgConnector())  # never opened: it only writes on connections that it is given

    def announce(connection: Any, ready: Sequence[Ready]) -> None:
        try:
            manager.batch_defer_jobs(list(map(_job_of, ready)), connection=connection)
        except ConnectorException as error:
            raise TryAgain(f"database: {' '.join(str(error.__cause__ or error).split())}") from error

    office.store.announce = announce


def _job_of(ready: Ready) -> Job:
    return Job(queue=ready.work, task_name=TASKS[ready.work], priority=PRIORITIES[ready.work], lock=None,
               queueing_lock=None, task_kwargs={"id": ready.id}, scheduled_at=ready.at)


def _prepare(store: Store) -> None:
    """Procrastinate's tables, of the version that is installed. Jobs can be made anew from the states, so tables of
    another version are simply replaced.

    Raises Misconfigured while workers of that other version are running.
    """
    schema = SchemaManager.get_schema()
    mark = f"mailroom {hashlib.sha256(schema.encode()).hexdigest()}"
    with psycopg.connect(store.conninfo) as connection:
        if _mark(connection) == mark:
            return
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('procrastinate', 0))")
        found = _mark(connection)
        if found == mark:
            return
        if found is not None:
            _refuse_while_at_work(connection)
            connection.execute(_DROP)
        connection.execute(schema)
        connection.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{mark}'")


def _mark(connection: psycopg.Connection[Any]) -> str | None:
    """What the tables say of their version; empty: nothing; null: there are none."""
    row = connection.execute("SELECT to_regclass('procrastinate_jobs') IS NOT NULL, "
                             "obj_description(to_regclass('procrastinate_jobs'), 'pg_class')").fetchone()
    return (row[1] or "") if row and row[0] else None


def _refuse_while_at_work(connection: psycopg.Connection[Any]) -> None:
    found = connection.execute(_AT_WORK, [SILENT_SECONDS]).fetchone()
    if found and found[0]:
        raise Misconfigured("workers of another version are running on this register: stop „mailroom work“ on every "
                            "machine, then start the new version")


def look_for_workers(settings: Settings) -> Iterator[Finding]:
    """Whether anybody works: on PostgreSQL they may be on any machine, or on none. For `mailroom check`."""
    store = Store(settings.url, settings.originals_dir)
    try:
        if not store.is_sqlite:
            heard, jobs = _at_work(store)
            todo = ": start „mailroom work“ on a machine" if jobs and not heard else ""
            yield Finding(what="workers", ok=not todo,
                          remedy=f"{'heard of' if heard else 'none is heard of'}, {jobs} jobs wait{todo}")
    except psycopg.Error as error:
        yield Finding(what="workers", ok=False, remedy=f"the database does not tell: {' '.join(str(error).split())}")
    finally:
        store.close()


def _at_work(store: Store) -> tuple[int, int]:
    """How many lanes of workers are heard of, on all machines, and how many jobs wait for one."""
    with psycopg.connect(store.conninfo) as connection:
        found = connection.execute(_AT_WORK, [SILENT_SECONDS]).fetchone() if _mark(connection) is not None else None
    return (int(found[0]), int(found[1])) if found else (0, 0)


_AT_WORK = """SELECT
    (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)),
    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now())"""
_DROP = r"""DO $$ DECLARE one record; BEGIN
DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
    WHERE proname LIKE 'procrastinate\_%' AND pronamespace = current_schema()::regnamespace
LOOP EXECUTE 'DROP FUNCTION ' || one.name || ' CASCADE'; END LOOP;
FOR one IN SELECT oid::regtype AS name FROM pg_type
    WHERE typname LIKE 'procrastinate\_%' AND typtype IN ('e', 'c') AND typnamespace = current_schema()::regnamespace
LOOP EXECUTE 'DROP TYPE ' || one.name || ' CASCADE'; END LOOP; END $$"""


# -- working ---------------------------------------------------------------------------------------------------------

class DistributedEngine:
    """The lanes of one process; any number of processes and machines work on one register."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lease = item_lease(office.settings.ocr)
        self._running: dict[int, int | None] = {}
        """Job → worker, as Procrastinate numbers them: what is being done in this process."""
        self._workers: set[int] = set()
        self._forgotten: set[int] = set()
        """Jobs that the register believes to be done here and that are not; looked at twice."""
        self._connector = PsycopgConnector(conninfo=office.store.conninfo, min_size=1, max_size=4)
        self.last_turn = office.now()
        """When the lanes were last looked after: for the watchdog."""

    def start(self, *, letters: bool = True) -> None:
        """Start the lanes. Without `letters` only the items move: nothing leaves, and nothing that is due is done."""
        attach(self._office)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(letters)), name="mailroom-jobs",
                                        daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let every lane finish what it is at."""
        self._stop.set()
        self._office.store.give_up()
        if self._thread:
            self._thread.join()

    # -- the lanes ---------------------------------------------------------------------------------------------

    async def _serve(self, letters: bool) -> None:
        anything = self._office.settings.ocr.workers
        lanes: list[tuple[App, list[str], int]] = [
            (self._app(), [Work.QUICK, Work.SCAN, *([Work.COPY] if letters else [])], anything),
            (self._app(), [Work.QUICK], 1), (self._upkeep(letters), [UPKEEP, *([DUE] if letters else [])], 4)]
        if letters:
            lanes.append((self._app(), [Work.LETTER], 1))
        await self._open()
        threads = ThreadPoolExecutor(sum(at_once for _, _, at_once in lanes) + 1, "mailroom-lane")
        asyncio.get_running_loop().set_default_executor(threads)
        tasks = [asyncio.create_task(self._keep(*lane)) for lane in lanes]
        tasks.append(asyncio.create_task(self._look_after()))
        while not self._stop.is_set():
            self.last_turn = self._office.now()
            await asyncio.sleep(TICK_SECONDS)
        for task in tasks[:-1]:
            task.cancel()  # which lets the jobs that run come to their end
        await asyncio.gather(*tasks[:-1], return_exceptions=True)
        tasks[-1].cancel()
        await asyncio.gather(tasks[-1], return_exceptions=True)
        await self._connector.close_async()

    async def _open(self) -> None:
        try:
            await self._connector.open_async()
        except psycopg.Error as error:
            log.warning("database_away", trouble=type(error).__name__)  # the pool goes on trying

    async def _keep(self, app: App, queues: list[str], at_once: int) -> None:
        """Run one lane. A worker that ends because the database was away is started anew; not while we stop: that it is
        cancelled may be lost on one that just fails."""
        while not self._stop.is_set():
            try:
                await app.run_worker_async(
                    queues=[str(queue) for queue in queues], concurrency=at_once, name=queues[0],
                    install_signal_handlers=False, delete_jobs="always", fetch_job_polling_interval=POLL_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS, stalled_worker_timeout=SILENT_SECONDS)
            except (ConnectorException, psycopg.Error) as error:
                log.warning("lane_failed", lane=queues[0], trouble=type(error.__cause__ or error).__name__)
            await asyncio.sleep(RESTART_SECONDS)

    def _app(self) -> App:
        app = App(connector=self._connector)
        for name, work in ((ITEM, self._work_on_item), (COPY, self._make_copy), (LETTER, self._send_letter)):
            app.task(name=name, pass_context=True, retry=TryLater())(work)
        return app

    def _upkeep(self, due: bool) -> App:
        app = App(connector=self._connector)
        wanted: list[tuple[str, Any, str, str | None, str]] = [
            (SWEEP, self._sweep, UPKEEP, None, EVERY_30_SECONDS),
            (STALLED, self._retry_stalled, UPKEEP, None, EVERY_10_SECONDS)]
        if due:
            wanted += [(DUE, self._do_what_is_due, DUE, DUE, EVERY_30_SECONDS),
                       (PROOF, self._prove, DUE, PROOF, EVERY_30_SECONDS)]
        for name, work, queue, lock, cron in wanted:
            task = app.task(name=name, pass_context=True, queue=queue, lock=lock, queueing_lock=name,
                            retry=TryLater())(work)
            app.periodic(cron=cron)(task)
        return app

    # -- the jobs ----------------------------------------------------------------------------------------------

    @contextmanager
    def _at_work(self, context: JobContext) -> Iterator[str]:
        """The name in which this job holds what it works on."""
        assert context.job.id is not None
        self._running[context.job.id] = context.job.worker_id
        if context.job.worker_id is not None:
            self._workers.add(context.job.worker_id)
        try:
            yield OWNER.format(context.job.id)
        except Later:
            raise
        except Exception as error:
            log.error("job_failed", task=context.job.task_name, subject=context.job.task_kwargs.get("id"),
                      trouble=described(error))
            raise
        finally:
            del self._running[context.job.id]

    def _work_on_item(self, context: JobContext, *, id: int) -> None:
        item_id = ItemId(id)
        with self._at_work(context) as owner:
            left = set(self._claim(item_id, owner))
            try:
                left -= self._go_together(item_id, left)
                for one in sorted(left):
                    if (one == item_id or not self._stop.is_set()) and attempt_item(self._office, one):
                        left.discard(one)
            finally:
                if left:
                    self._office.store.insist(lambda register: register.items.release(*left))
            if item_id in left and self._is_ready(item_id):
                raise Later(self._office.now())  # a person has changed it meanwhile

    def _claim(self, item_id: ItemId, owner: str) -> list[ItemId]:
        """What is to be done and may be done by us: the item, and where it is a small mail, those behind it with it.
        Raises Later while somebody else works on it who is no job."""
        now = self._office.now()
        with self._office.store.transaction() as register:
            found = register.items.next_attempt(item_id)
            if found is None or found[0] is Step.SETTLED:
                return []
            if found[1] and found[1] > now:
                return _comes_soon(found[1], now)
            if register.items.claim_this(item_id, owner, now, self._lease):
                mails = register.items.claim_mails(item_id, owner, now, self._lease, MAILS_TOGETHER, again=True)
                return mails or [item_id]
            if register.items.holder(item_id).startswith(OWNER.format("")):
                return []  # that job ends it, or another that takes its place
        raise Later(now + SOON)

    def _go_together(self, item_id: ItemId, claimed: Set[ItemId]) -> set[ItemId]:
        """Take small mails through all steps at once; those that are settled."""
        if len(claimed) < 2:
            return set()
        with self._office.store.connection() as connection:
            connection.exec_driver_sql(THROW_AWAY, {"task": ITEM, "subjects": sorted(claimed - {item_id})})
            connection.commit()
        return attempt_together(self._office, sorted(claimed))

    def _is_ready(self, item_id: ItemId) -> bool:
        with self._office.store.reading() as register:
            found = register.items.next_attempt(item_id)
        return found is not None and found[0] is not Step.SETTLED and found[1] is None

    def _make_copy(self, context: JobContext, *, id: int) -> None:
        with self._at_work(context):
            attempt_copy(self._office, ItemId(id))

    def _send_letter(self, context: JobContext, *, id: int) -> None:
        outgoing_id, now = OutgoingId(id), self._office.now()
        with self._at_work(context) as owner:
            with self._office.store.transaction() as register:
                status, waits_until, holder = register.outbox.standing(outgoing_id) or (None, None, None)
                broken_off = status is OutgoingStatus.SENDING and holder == owner
                if status is OutgoingStatus.QUEUED and waits_until and waits_until > now:
                    _comes_soon(waits_until, now)
                    return
                mine = broken_off or register.outbox.claim_this(outgoing_id, owner, now, LETTER_LEASE)
            if broken_off:
                hold_unsure(self._office, outgoing_id, "машината спря, докато го предаваше.")
            elif mine:
                attempt_letter(self._office, outgoing_id)

    def _do_what_is_due(self, context: JobContext, timestamp: int) -> None:
        with self._at_work(context):
            try:
                do_what_is_due(self._office)
            except MailroomError as error:
                log.warning("due_failed", trouble=type(error).__name__)

    def _prove(self, context: JobContext, timestamp: int) -> None:
        """Apart from what else is due: it reads every original, which may take hours."""
        with self._at_work(context):
            try:
                prove_if_due(self._office, lambda: not self._stop.is_set())
            except MailroomError as error:
                log.warning("proof_failed", trouble=type(error).__name__)

    # -- what was missed ---------------------------------------------------------------------------------------

    async def _sweep(self, context: JobContext, timestamp: int) -> None:
        """Defer what is ready and has no job, and free what jobs hold that are no more.

        Looked for first, and only then the jobs: what has come or gone in between has a job, or needs none.
        """
        with self._at_work(context):
            ready, holders = await asyncio.to_thread(self._waiting)
            live = await self._connector.execute_query_all_async(LIVE)
            jobs = {OWNER.format(row["id"]) for row in live}
            have = {(row["task_name"], row["subject"]) for row in live}
            gone = [holder for holder in holders if holder.startswith(OWNER.format("")) and holder not in jobs]
            if gone:
                await asyncio.to_thread(self._free, gone)
            missing = [_job_of(one) for one in ready if (TASKS[one.work], str(one.id)) not in have]
            if missing:
                log.info("swept", jobs=len(missing))
                await context.app.job_manager.batch_defer_jobs_async(missing)

    def _waiting(self) -> tuple[list[Ready], set[str]]:
        now = self._office.now()
        with self._office.store.reading() as register:
            holders = {*register.items.claim_owners(), *register.outbox.claim_owners()}
            return [*register.items.waiting(now, SWEPT_AT_ONCE), *register.outbox.waiting(now, SWEPT_AT_ONCE)], holders

    def _free(self, gone: Sequence[str]) -> None:
        with self._office.store.transaction() as register:
            register.items.release_all_of(gone)
            register.outbox.release_all_of(gone)
            unsure = register.outbox.sending_of(gone)
        for outgoing_id in unsure:
            hold_unsure(self._office, outgoing_id, "машината спря, докато го предаваше.")

    async def _retry_stalled(self, context: JobContext, timestamp: int) -> None:
        """Jobs of workers that are not heard any more."""
        with self._at_work(context):
            manager = context.app.job_manager
            await _retry(manager, await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))

    async def _look_after(self) -> None:
        """Keep the hearts of our workers beating while jobs run, also of one that is stopping; and try again what we
        have ended without being able to say so, because the database was away."""
        manager = JobManager(self._connector)
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            give_back()
            try:
                workers = {worker for worker in self._running.values() if worker is not None}
                for worker in workers:
                    await manager.update_heartbeat(worker)
                await self._retry_forgotten(manager)
            except (ConnectorException, psycopg.Error) as error:
                log.warning("jobs_not_looked_after", trouble=type(error.__cause__ or error).__name__)

    async def _retry_forgotten(self, manager: JobManager) -> None:
        believed = [job for worker in tuple(self._workers) for job in await manager.list_jobs_async(
            status="doing", worker_id=worker)]
        forgotten = [job for job in believed if job.id not in self._running]
        await _retry(manager, [job for job in forgotten if job.id in self._forgotten])
        self._forgotten = {job.id for job in forgotten if job.id is not None}


def _comes_soon(at: datetime, now: datetime) -> list[ItemId]:
    """Nothing is to be done, since its time has not come. A little later by our clock than by the database's: then we
    wait that little; else there is a job for that time, or the sweep will make one."""
    if at - now < SOON:
        raise Later(at)
    return []


async def _retry(manager: JobManager, jobs: Iterable[Job]) -> None:
    for job in jobs:
        try:
            await manager.retry_job(job, retry_at=datetime.now(UTC))
        except ConnectorException:
            continue  # another machine was quicker, or the job is done
        log.warning("job_tried_again", task=job.task_name, subject=job.task_kwargs.get("id"), attempts=job.attempts)
