"""The tree over all events, as in Certificate Transparency (RFC 6962, section 2.1).

One root of 32 bytes stands for every event below it and for their order. Whoever holds a root of size n can
later be shown that the first n events are still the same, with a proof of some 2·log2(n) hashes.
Leaves here are leaf hashes of 32 bytes, in leaf order.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256().digest()


def leaf_hash(body: bytes) -> bytes:
    """Hash an event's bytes to its leaf."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours to the node above them. The other first byte keeps a node from passing as a leaf."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: log2(n) hashes are enough to append to it and to know its root.

    `peaks` are the roots of the complete subtrees, the largest first; keep them with `size` and give both back
    to go on later.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Take up a tree where it was left.

        Raises:
            ValueError: the peaks cannot be those of a tree of this size.
        """
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count() or any(len(peak) != 32 for peak in self.peaks):
            raise ValueError(f"these are not the peaks of a tree of size {size}")

    def append(self, leaf: bytes) -> None:
        """Put one leaf at the right end."""
        if len(leaf) != 32:
            raise ValueError("a leaf is a hash of 32 bytes")
        carry = self.size
        while carry & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            carry >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Put several leaves at the right end, in this order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Give the root at this size."""
        if not self.peaks:
            return EMPTY_ROOT
        *left, top = self.peaks
        for peak in reversed(left):
            top = node_hash(peak, top)
        return top


def root(leaves: Iterable[bytes]) -> bytes:
    """Give the root over leaf hashes (RFC 6962's MTH)."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Collect what joins one leaf to the root (RFC 6962's PATH), the lowest first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} in a tree of size {len(leaves)}")
    proof = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _left_width(end - start)
        if index < middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[start:middle]))
            start = middle
    proof.reverse()
    return proof


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> bool:
    """Tell whether this leaf is number `index` of the `size` leaves under the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            top = node_hash(sibling, top)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and top == expected_root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Collect what shows that the first `old_size` leaves are unchanged in the tree over all (RFC 6962's PROOF).

    Empty for old sizes 0 and `len(leaves)`, where there is nothing to show.

    Raises:
        ValueError: the old tree is larger than this one.
    """
    if not 0 <= old_size <= len(leaves):
        raise ValueError(f"a tree of size {len(leaves)} never had the size {old_size}")
    proof: list[bytes] = []
    if old_size == 0:
        return proof
    start, end = 0, len(leaves)
    while end > old_size:
        middle = start + _left_width(end - start)
        if old_size <= middle:
            proof.append(root(leaves[middle:end]))
            end = middle
        else:
            proof.append(root(leaves[start:middle]))
            start = middle
    if start > 0:  # otherwise the reader already holds this hash: it is the old root
        proof.append(root(leaves[start:end]))
    proof.reverse()
    return proof


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the tree under the old root is the beginning of the one under the new (RFC 9162, 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size in (0, new_size):
        return not proof and old_root == (new_root if old_size else EMPTY_ROOT)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_top = new_top = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_top, new_top = node_hash(sibling, old_top), node_hash(sibling, new_top)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_top = node_hash(new_top, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_top == old_root and new_top == new_root


def _left_width(width: int) -> int:
    return 1 << ((width - 1).bit_length() - 1)
