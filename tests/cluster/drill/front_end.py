"""Sends the messages of conversations to a cluster, as a service in front of it would.

It knows the nodes' addresses and nothing of who is alive. A message of a session goes to some node; who gets
owned_elsewhere asks at the address that came with it; and whatever else went wrong, it asks again, with the same
message id, until the turn is answered. The next message of that session comes after that.
"""

import asyncio
import itertools
import json
import random
import threading
import time

from harness.processes import Trouble

#: What a node may say while it, another one, or the database is in trouble. All else is a fault of the program.
AGAIN = {"claim_lost", "concurrent_write", "operation_aborted", "outcome_unknown", "runtime_stopped",
         "session_backlog_full", "timed_out", "unavailable"}
CONFLICTS = {"claim_lost", "concurrent_write"}
LINE_LIMIT = 64 << 20
SILENCE = 0.5  # s


class Try:
    """How one ended: answered, referred to another owner, or failed."""

    def __init__(self, kind, node=None, events=None, owner=None):
        self.kind, self.node, self.events, self.owner = kind, node, events, owner


class FrontEnd:
    def __init__(self, addresses, sessions, counts, seed, at_once, ask_limit, patience=60):
        self.addresses, self.sessions, self.counts = addresses, sessions, counts
        self.random = random.Random(seed)
        self.at_once, self.ask_limit, self.patience = at_once, ask_limit, patience
        self.played = {}    # session -> the messages it was sent, all of them answered
        self.trouble = None
        self.ending = False
        self.thread = threading.Thread(target=self._run)

    def start(self):
        self.thread.start()

    def end(self):
        """Begins no further session, and plays those that were begun to their end."""
        self.ending = True
        self.thread.join()
        self.check()

    def abandon(self):
        """Whatever it is doing."""
        self.ending, self.patience = True, 0
        self.thread.join()

    def check(self):
        if self.trouble:
            raise Trouble(self.trouble)

    def _run(self):
        try:
            asyncio.run(self._play())
        except Trouble as e:
            self.trouble = str(e)
        except BaseException as e:
            self.trouble = f"the front end failed: {e!r}"
            raise

    async def _play(self):
        await asyncio.gather(*(self._player() for _ in range(self.at_once)))

    async def _player(self):
        while not self.ending:
            session, messages = next(self.sessions)
            owner = None
            for number, message in enumerate(messages):
                owner = await self._turn(session, f"{session}/{number}", message, owner)
                self.played.setdefault(session, []).append(message)

    async def _turn(self, session, message_id, message, owner):
        """Returns who answered."""
        line = "\t".join([session, message_id, json.dumps(message, ensure_ascii=False)]) + "\n"
        address, silent = self.random.choice(self.addresses), {}
        began, failed_at = time.monotonic(), None
        for tries in itertools.count(1):
            sent = time.monotonic()
            done = await self._ask(address, line.encode())
            if done.kind == "ok":
                break
            if failed_at is None:
                failed_at = sent
            if sent - began > self.patience:
                raise Trouble(f"{message_id} was not answered in {self.patience} s and {tries} tries; last: {done.kind}")
            address = await self._next(address, done, silent)
        self._check_answer(message_id, done)
        self.counts.add("turns")
        if owner is not None and owner != done.node:
            self.counts.add("takeovers")
        if failed_at is not None:
            self.counts.without_owner(time.monotonic() - failed_at)
        return done.node

    async def _next(self, address, done, silent):
        """Where to ask next, after a try that was not answered. `silent`: who said no word, and until when that counts.
        Not for long: it may just have been slow, and have the session now."""
        if done.kind == "owned_elsewhere":
            self.counts.add("refusals")
            if done.owner in self.addresses and not self._is_silent(done.owner, silent):
                return done.owner
        else:
            self.counts.add("asked again")
            self.counts.kinds[done.kind] += 1
            if done.kind in CONFLICTS:
                self.counts.add("conflicts")
            elif done.node is None:
                silent[address] = time.monotonic() + SILENCE
        await asyncio.sleep(self.random.uniform(0.02, 0.06))
        speaking = [one for one in self.addresses if not self._is_silent(one, silent)]
        return self.random.choice(speaking or self.addresses)

    @staticmethod
    def _is_silent(address, silent):
        return time.monotonic() < silent.get(address, 0)

    def _check_answer(self, message_id, done):
        if len(done.events) != 2 or done.events[1].get("answers") != message_id:
            raise Trouble(f"{done.node} answered {message_id} with another turn's events")

    async def _ask(self, address, line):
        try:
            async with asyncio.timeout(self.ask_limit):
                return await self._exchange(address, line)
        except TimeoutError:
            return Try("no answer in time")
        except (ConnectionError, FileNotFoundError):
            return Try("no connection")

    async def _exchange(self, address, line):
        source, sink = await asyncio.open_unix_connection(address, limit=LINE_LIMIT)
        try:
            sink.write(line)
            await sink.drain()
            reply = (await source.readline()).decode()
        finally:
            sink.close()
        if not reply.endswith("\n"):
            return Try("connection cut")
        kind, *rest = reply[:-1].split("\t")
        if kind == "ok":
            return Try("ok", node=rest[0], events=json.loads(rest[1]))
        if rest[0] != "owned_elsewhere" and rest[0] not in AGAIN:
            raise Trouble(f"{address} answered: {' '.join(rest)}")
        return Try(rest[0], node=address, owner=rest[1])
