"""Edits of the registry while requests run."""

import itertools
import json
import os
import random
import threading
import time

import client
import ledger
from cases.case import Case
from cases.steps import stream_under_way
from rig import eventually, require

IN_FORCE = 3.0  # seconds from an edit to its generation, and from a bad one to its being shown
UNSEEN = 0.6    # two looks at the file, so that one more could not have been missed


class Editor:
    """Edits the registry's file in all the ways that people and tools do. `generation` is what must be in force."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.file = daemon.registry
        self.document = json.loads(self.file.read_text())
        self.generation = daemon.status()["registry"]["generation"]
        self.waits = []  # seconds from each valid edit to its being in force
        self.absent = []  # (from, to) when the resident's entry was not there
        self._number = 0

    # --- writing ---

    def in_place(self):
        self.file.write_text(json.dumps(self.document))

    def renamed(self):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.document))
        os.replace(fresh, self.file)

    def by_link(self):
        """The file becomes a link to a version of its own."""
        version = self.file.with_name(f"version-{self.next()}.json")
        version.write_text(json.dumps(self.document))
        link = self.file.with_suffix(".link")
        link.symlink_to(version)
        os.replace(link, self.file)

    def next(self):
        self._number += 1
        return self._number

    # --- and what must be seen ---

    def _registry(self):
        return self.daemon.status()["registry"]

    def valid(self, write):
        self.generation += 1
        began = time.monotonic()
        write()
        self._in_force(began)

    def _in_force(self, began):
        require(eventually(lambda: self._registry()["generation"] >= self.generation, IN_FORCE, every=0.01),
                f"generation {self._registry()['generation']} is in force {IN_FORCE:.0f} s after the edit that makes {self.generation}")
        self.waits.append(time.monotonic() - began)
        self.same()
        require(self._registry()["roles"] == self.document["models"], f"the roles in force are {self._registry()['roles']}")
        require(self._registry()["last_error"] is None, f"after a valid edit: {self._registry()['last_error']}")

    def invalid(self, write):
        write()
        require(eventually(lambda: self._registry()["last_error"] is not None, IN_FORCE, every=0.01), "a bad edit is not shown")
        self.same()

    def mended(self, write):
        """What is in force already: no new generation, and no error any more."""
        write()
        require(eventually(lambda: self._registry()["last_error"] is None, IN_FORCE, every=0.01), "the error of a file that was mended is still shown")
        self.same()

    def same(self):
        require(self._registry()["generation"] == self.generation, f"generation {self._registry()['generation']}, and {self.generation} was due")


def _new_role(editor):
    editor.document["models"][f"role-{editor.next()}"] = "steady"
    editor.valid(editor.in_place)


def _rename(editor):
    editor.document["policy"]["max_queue"] = 100 + editor.next()
    editor.valid(editor.renamed)


def _link(editor):
    editor.document["models"]["coding"] = ("steady", "other")[editor.next() % 2]
    editor.document["models"][f"linked-{editor.next()}"] = "steady"
    editor.valid(editor.by_link)


def _no_json(editor):
    editor.invalid(lambda: editor.file.write_text("{"))
    editor.mended(editor.renamed)


def _unknown_key(editor):
    bad = json.dumps(editor.document | {"catalog": editor.document["catalog"] | {"other": {"artifcat": "x"}}})
    editor.invalid(lambda: editor.file.write_text(bad))
    editor.mended(editor.in_place)


def _half_written(editor):
    """An editor that is slow, or was interrupted: the first half stands there for a while."""
    editor.document["models"][f"role-{editor.next()}"] = "steady"
    text = json.dumps(editor.document)
    editor.invalid(lambda: editor.file.write_text(text[:len(text) // 2]))

    def rest():
        with editor.file.open("a") as file:
            file.write(text[len(text) // 2:])

    editor.valid(rest)


def _touch(editor):
    os.utime(editor.file)
    time.sleep(UNSEEN)
    editor.same()


def _delete(editor):
    editor.invalid(editor.file.unlink)
    editor.mended(editor.in_place)


def _extra_model(editor):
    """Another model comes and goes."""
    extra = f"extra-{editor.next()}"
    editor.document["catalog"][extra] = dict(editor.document["catalog"]["other"])
    editor.valid(editor.in_place)
    del editor.document["catalog"][extra]
    editor.valid(editor.renamed)


def _use(editor):
    """Perch itself edits the file: one line of it."""
    models = editor.document["models"]
    models["coding"] = "other" if models.get("coding") == "steady" else "steady"
    text = editor.file.read_text()

    def put():
        answer = client.call(editor.daemon.port, "PUT", "/admin/v1/roles/coding", {"model": models["coding"]})
        require(answer.status == 200, f"a role was not repointed: {answer.body[:200]}")

    editor.valid(put)
    require(json.loads(editor.file.read_text()) == json.loads(text) | {"models": models}, "more than that role has changed in the file")


QUIET = (_new_role, _rename, _link, _no_json, _unknown_key, _half_written, _touch, _delete, _extra_model, _use)  # the resident is not concerned


def _change_resident(editor):
    """Its entry changes: another worker, and nobody notices."""
    editor.document["catalog"]["steady"]["context_tokens"] = 1000 + editor.next()
    before = editor.daemon.worker_pid()
    editor.valid(editor.renamed)
    require(eventually(lambda: editor.daemon.worker_pid() not in (None, before), 5.0), "the worker of a changed entry is still there")


def _remove_resident(editor):
    """Its entry goes, and comes back."""
    entry = editor.document["catalog"].pop("steady")
    began = time.monotonic()
    editor.valid(editor.in_place)
    require(eventually(lambda: editor.daemon.worker_pid() is None, 5.0), "the worker of a removed model is still there")
    editor.document["catalog"]["steady"] = entry
    editor.valid(editor.in_place)
    editor.absent.append((began, time.monotonic()))


LOUD = (_change_resident, _remove_resident)


class Callers:
    """Eight clients that stream from the resident model without a pause, by its id and by a role."""

    def __init__(self, rig, daemon):
        self._rig, self._daemon = rig, daemon
        self._stop = threading.Event()
        self.ends = []  # (began, ended, outcome, code)
        self._threads = [threading.Thread(target=self._run, args=(name,), daemon=True) for name in ("steady", "default") * 4]
        for thread in self._threads:
            thread.start()

    def _run(self, name):
        while not self._stop.is_set():
            request = self._daemon.chat(name, stream=True)
            how, answer = self._rig.settle(request)
            code = answer.errors()[0].get("code") if how in (ledger.REFUSED, ledger.ERROR_EVENT) else None
            self.ends.append((request.started, request.ended, how, code))
            if how != ledger.COMPLETE:
                time.sleep(0.05)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def check(self, absent):
        """Only who asked for a model that was not there may have been told so."""
        def excused(began, ended, how, code):
            return how == ledger.REFUSED and code == "model_not_found" and any(began <= to and ended >= since for since, to in absent)

        failed = [end for end in self.ends if end[2] != ledger.COMPLETE and not excused(*end)]
        require(not failed, f"{len(failed)} of {len(self.ends)} streams failed: {[end[2:] for end in failed[:5]]}")
        require(sum(end[2] == ledger.COMPLETE for end in self.ends) >= len(self.ends) / 2, "most of the requests were refused, so little was shown")


def _in_random_order():
    """All of them again and again, each time in another order, and in every run the same."""
    chance = random.Random(31)
    while True:
        yield from chance.sample((*QUIET, *LOUD), len(QUIET) + len(LOUD))


def edit_under_load(rig, many):
    script = {"load_ms": 50, "tokens": 30, "token_ms": 3}
    with rig.daemon(models=dict.fromkeys(rig.workers.pair, script), policy={"min_residency": 0}) as daemon:
        rig.serve_one(daemon, "the first request")
        editor = Editor(daemon)
        callers = Callers(rig, daemon)
        try:
            for edit in itertools.islice(_in_random_order(), many):
                pid = daemon.worker_pid()
                edit(editor)
                if edit in LOUD:
                    require(eventually(daemon.worker_pid, 5.0), "nobody is served after the edit")
                else:
                    require(daemon.worker_pid() == pid, f"{edit.__name__} ended a worker whose entry it did not touch")
        finally:
            callers.stop()
        callers.check(editor.absent)
        rig.details.append({"edits": many, "streams": len(callers.ends), "generation": editor.generation})
        return max(editor.waits) * 1000


def remove_in_use(rig, i):
    """Two streams run and one request waits. Every second time the streams last longer than the drain."""
    cut = i % 2 == 1
    script = {"load_ms": 0, "tokens": 60, "token_ms": 20, "slots": 2}
    with rig.daemon(models={"steady": script}, policy={"drain_timeout": 0.3 if cut else 30, "min_residency": 0}) as daemon:
        streams = [stream_under_way(rig, daemon, said=3) for _ in range(2)]
        waiting = rig.chat(daemon)
        require(eventually(lambda: daemon.status()["queued"] == 1), "the third request does not wait")
        editor = Editor(daemon)
        del editor.document["catalog"]["steady"]
        began = time.monotonic()
        editor.valid(editor.renamed)
        require(rig.refused(waiting, "model_not_found").status == 404, "who waited was not told 404")
        late = rig.chat(daemon)
        require(rig.refused(late, "model_not_found").status == 404, "a new request was not told 404")
        told_after = late.ended - began
        require(late.seconds <= 0.5, f"a new request was told after {late.seconds:.1f} s")
        require(cut or daemon.worker_pid(), "the worker was gone before its streams had ended")
        for stream in streams:
            how, answer = rig.settle(stream)
            if cut:
                require(how == ledger.ERROR_EVENT and answer.errors()[0]["code"] == "model_evicted", f"a stream ended as {how} {answer.errors()}")
            else:
                require(how == ledger.COMPLETE, f"a stream ended as {how} {answer.errors()}")
        require(not daemon.watch.wait_until_gone(2.0), "the worker of a model that is not there any more is still there")
        require(eventually(lambda: daemon.status()["phase"] == "vacant"), f"the status says {daemon.status()['phase']}")
        rig.serve_one(daemon, "another model", model="other")
        return told_after * 1000


CASES = [
    Case(31, "registry edits under load", edit_under_load, "edit_in_force_after", many=200, few=12),
    Case(32, "edit removes model in use", remove_in_use, "told_after", few=2),
]
