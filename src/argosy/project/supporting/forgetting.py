"""Persons and their conversations with an assistant: what is held of somebody, and how it is removed for good."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.config.bots import read_channels
from argosy.config.schema import Project
from argosy.project.supporting.teaching import Teaching, entry_of
from argosy.serve.channels.hearing import digest
from argosy.serve.channels.sealed import pseudonym
from argosy.stages.data import erased
from argosy.store.database import Database
from argosy.store.support.conversations import SqlConversations
from argosy.store.support.decisions import SqlDecisions
from argosy.store.support.knowledge import SqlKnowledge

_PEER = "support peer"


class Conversations:
    """The conversations of a project's assistant, by the names that persons have in its channels.

    A name is the token of a widget, a customer's of a webhook, or an address of a messenger (Feishu: chat and sender,
    a space between them).
    """

    def __init__(self, project: Project, folder: Path, database: Database) -> None:
        self._project = project
        self._folder = folder
        self._log = SqlConversations(database, project.name)
        self._knowledge = SqlKnowledge(database, project.name)
        self._decisions = SqlDecisions(database, project.name)

    def held(self, name: str) -> list[dict[str, Any]]:
        """Every conversation of a person with its turns, as JSON."""
        found = [one for peer in self._peers(name) for one in self._log.of_peer(peer)]
        return [{**asdict(one), "turns": [asdict(turn) for turn in self._log.turns(one.id)]} for one in found]

    def erase(self, name: str) -> int:
        """Remove all of a person's conversations, and what was learnt from them by correction; how many there were."""
        return self.forget([one.id for peer in self._peers(name) for one in self._log.of_peer(peer)])

    def forget(self, names: Sequence[str]) -> int:
        """Remove these conversations, and what was learnt from them by correction; how many there were."""
        made = self._decisions.corrections()
        gone = [one for one in made if one.conversation in set(names)]
        for correction in gone:  # before the log, by which they are found again where this is cut off
            self._knowledge.purge(entry_of(correction).document)
        places = {entry_of(one).document for one in gone}
        for entry in (entry_of(one) for one in made if one not in gone):
            if entry.document in places:  # somebody else's question in the same words
                self._knowledge.replace(entry.document, [entry])
        removed = self._log.erase(names)
        if gone:
            Teaching(knowledge=self._knowledge, decisions=self._decisions, folder=self._folder).export()
        return removed

    def known_as(self, secret: bytes, name: str) -> tuple[str, ...]:
        """What a person's conversations are known by on the list of the erased."""
        return tuple(erased.digest(secret, _PEER, peer) for peer in self._peers(name))

    def again(self, secret: bytes, known: Collection[str]) -> int:
        """Remove conversations of erased persons that came back with a backup; how many there were."""
        if not known:
            return 0
        back = [peer for peer in self._log.peers() if erased.digest(secret, _PEER, peer) in known]
        return self.forget([one.id for peer in back for one in self._log.of_peer(peer)])

    def _peers(self, name: str) -> list[str]:
        channels = read_channels(self._folder / self._project.support.bots)
        peers = [digest("widget", name), *(digest("webhook", hook, name) for hook in channels.hooks)]
        if channels.wecom:
            peers.append(pseudonym(channels.wecom.key, "wecom", name))
        if channels.dingtalk:
            peers.append(pseudonym(channels.dingtalk.secret, "dingtalk", name))
        if channels.feishu:
            peers.append(pseudonym(channels.feishu.key, "feishu", name))
        return peers
