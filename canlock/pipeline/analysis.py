"""One analysis: takes in the stream of frames and side items, gives a Snapshot when asked.

It cannot ask whether it is live: a file, a bus and the simulator feed it the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from canlock.decoding.decoder import Decoder
from canlock.decoding.vehicle_file import LoadedVehicle
from canlock.detection.detector import Detected, Detector
from canlock.diagnosis.diagnose import diagnose_with
from canlock.diagnosis.reasoning import Reasoner
from canlock.model.capture import CaptureInfo
from canlock.model.frames import FrameBatch
from canlock.model.snapshot import Snapshot
from canlock.model.stream import SideItem, StreamItem
from canlock.pipeline.doubled import DoubledIds
from canlock.pipeline.fitted import load_likelihoods
from canlock.sources.obd.overheard import Eavesdropper


class Analysis:
    """Frames and side items in, Snapshots out."""

    def __init__(self, loaded: LoadedVehicle) -> None:
        self.vehicle = loaded.vehicle
        self._decoder = Decoder(loaded.vehicle, loaded.layout)
        self._detector = Detector(loaded.vehicle)
        self._doubled = DoubledIds(self._decoder.wanted)
        bcm = loaded.vehicle.bcm
        self._eavesdropper = Eavesdropper(bcm) if bcm is not None else None

    @property
    def wanted(self) -> frozenset[int]:
        """Return the frame keys that are of use; others may be left out of the batches."""
        if self._eavesdropper is None:
            return self._decoder.wanted
        return self._decoder.wanted | {self._eavesdropper.key}

    def take(self, item: StreamItem) -> bool:
        """Take in the next item of the stream; say whether it tells of anything that happened."""
        if isinstance(item, FrameBatch):
            is_overheard = self._overhear(item)
            decoded = self._decoder.decode(item)
            self._doubled.follow(item)
            self._detector.take_decoded(decoded)
            return bool(decoded.samples) or is_overheard
        self._detector.take_side(item)
        return True

    def _overhear(self, batch: FrameBatch) -> bool:
        """Take in what another tester asks of the BCM; say whether one does."""
        if self._eavesdropper is None:
            return False
        overheard = tuple(self._eavesdropper.overhear(batch))
        for sample in overheard:
            self._detector.take_side(sample)
        return bool(overheard)

    @cached_property
    def _reasoner(self) -> Reasoner:
        # Who only wants to know what happened needs no likelihoods.
        return Reasoner(self.vehicle, load_likelihoods())

    def detect(self) -> Detected:
        """Return what happened so far, before any reasoning."""
        return self._detector.view()

    def snapshot(self, capture: CaptureInfo, notes: Sequence[str] = ()) -> Snapshot:
        """Return the verdict and all that there is to show, as of now."""
        return self.snapshot_of(self.detect(), capture, notes)

    def snapshot_of(
        self, detected: Detected, capture: CaptureInfo, notes: Sequence[str] = ()
    ) -> Snapshot:
        """Return the verdict on what was detected; may run while more is taken in."""
        diagnosis = diagnose_with(self._reasoner, detected)
        return Snapshot(
            vehicle=self.vehicle.id,
            vehicle_name=self.vehicle.name,
            doors=self.vehicle.doors,
            tier=diagnosis.tier,
            capture=capture,
            # Marks count from the capture's first frame, which need not be a mapped one.
            first_s=capture.first_s if capture.first_s is not None else detected.first_s,
            now_s=detected.now_s,
            findings=diagnosis.findings,
            hypotheses=diagnosis.hypotheses,
            operations=detected.operations,
            accesses=detected.accesses,
            events=detected.events,
            states=detected.states,
            lives=detected.lives,
            marks=detected.marks,
            codes=detected.codes,
            next_tests=diagnosis.next_tests,
            further_tests=diagnosis.further_tests,
            missing_roles=diagnosis.missing_roles,
            notes=(*notes, *self._doubled.notes, *diagnosis.notes),
            dropped_operations=detected.dropped_operations,
            timing=self.vehicle.timing,
            nodes=self.vehicle.alive,
        )


def in_step(stream: Iterable[StreamItem], side_items: Iterable[SideItem]) -> Iterator[StreamItem]:
    """Yield a stream with side items put before the batch in whose time they fall.

    Both are in time order. Side items behind the last batch come at the end.
    """
    waiting = sorted(side_items, key=lambda item: item.at_s)
    position = 0
    for item in stream:
        if isinstance(item, FrameBatch) and len(item):
            until_s = float(item.timestamp_s[-1])
            while position < len(waiting) and waiting[position].at_s <= until_s:
                yield waiting[position]
                position += 1
        yield item
    yield from waiting[position:]
