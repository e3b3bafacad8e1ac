"""What is left out, and what ends the run, where a machine has or allows less than another."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

from harness import __main__ as harness
from harness import faults, places, processes


class Possible(unittest.TestCase):
    wanted = [faults.ALL[name] for name in ("server-kill", "disk-full", "pooler-kill")]

    def possible(self, environment):
        """Names of what is left, and what was said."""
        said = io.StringIO()
        with mock.patch.dict(os.environ, environment, clear=True), contextlib.redirect_stdout(said):
            left = [one.name for one in harness.possible(self.wanted)]
        return left, said.getvalue()

    def setUp(self):
        for place in {one.place for one in self.wanted}:
            self.let(place, missing=[], forbidden="")

    def let(self, place, **answers):
        for name, answer in answers.items():
            patch = mock.patch.object(places.PLACES[place], name, return_value=answer)
            patch.start()
            self.addCleanup(patch.stop)

    def test_everything_is_run_where_everything_is_there(self):
        self.assertEqual(self.possible({}), ([one.name for one in self.wanted], ""))

    def test_what_a_machine_forbids_is_left_out_and_said_even_in_ci(self):
        self.let("small-disk", forbidden="no tmpfs can be mounted here")
        for environment in ({}, {"CI": "true"}):
            self.assertEqual(self.possible(environment), (["server-kill", "pooler-kill"],
                             "skipped, no tmpfs can be mounted here: disk-full\n"))

    def test_what_is_not_installed_is_left_out_but_in_ci_it_ends_the_run(self):
        self.let("pooled", missing=["pgbouncer"])
        left, said = self.possible({})
        self.assertEqual(left, ["server-kill", "disk-full"])
        self.assertIn("not installed: pgbouncer", said)
        with self.assertRaisesRegex(processes.Trouble, "not installed: pgbouncer"):
            self.possible({"CI": "true"})


class Mounting(unittest.TestCase):
    def test_root_who_may_not_mount_is_told_so(self):
        """As in a container; whoever is not root may not either."""
        dropped = ["setpriv", "--bounding-set=-sys_admin"] if os.geteuid() == 0 else []
        done = subprocess.run([*dropped, sys.executable, "-c",
                               "from harness.places import SmallDisk; print(SmallDisk.forbidden())"],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "no tmpfs can be mounted here\n")

    def test_trying_it_leaves_nothing_mounted(self):
        def mounted():
            return pathlib.Path("/proc/self/mounts").read_text().count(" tmpfs ")
        before = mounted()
        places.SmallDisk.forbidden()
        self.assertEqual(mounted(), before)


if __name__ == "__main__":
    unittest.main()
