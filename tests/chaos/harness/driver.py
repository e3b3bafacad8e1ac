"""The program that writes, records and checks; tests/chaos/driver/commands.hpp lists what it can be told."""

import json
import subprocess

from .processes import Trouble


class Driver:
    def __init__(self, program, stores, seed, proxy=False, deadline_ms=5000, callers=8, log=None):
        argv = [program, "--seed", seed, "--deadline", deadline_ms, "--callers", callers]
        for store in stores:
            argv += ["--store", store]
        if proxy:
            argv.append("--proxy")
        self.running = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, argv)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        self._answer("start")

    @property
    def pid(self):
        return self.running.pid

    def tell(self, *words):
        line = " ".join(map(str, words))
        try:
            self.running.stdin.write(line + "\n")
            self.running.stdin.flush()
        except BrokenPipeError:
            pass
        return self._answer(line)

    def _answer(self, line):
        text = self.running.stdout.readline()
        if not text:
            raise Trouble(f"the driver ended with {self.running.wait()} at: {line}")
        answer = json.loads(text)
        if "error" in answer:
            raise Trouble(f"{line}: {answer['error']}")
        return answer

    def close(self):
        self.running.stdin.close()
        try:
            self.running.wait(30)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
