from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from tracker.custody import merkle, verify

# The inputs and roots that Certificate Transparency implementations test themselves with.
CT_INPUTS = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(0, 70)


def leaves_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % number) for number in range(size)]


def other_tree(size: int) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(b"%d" % number)
    return tree


def test_the_roots_are_those_of_certificate_transparency():
    leaves = [merkle.leaf_hash(entry) for entry in CT_INPUTS]

    assert [merkle.root(leaves[: size + 1]).hex() for size in range(8)] == CT_ROOTS
    assert merkle.root([]) == sha256(b"").digest()


@given(st.integers(1, 200))
def test_the_root_is_that_of_another_implementation(size: int):
    assert merkle.root(leaves_of(size)) == other_tree(size).get_root()


@given(sizes, sizes)
def test_a_frontier_taken_up_again_has_the_same_root(first: int, more: int):
    leaves = leaves_of(first + more)
    before = merkle.Frontier()
    before.extend(leaves[:first])

    after = merkle.Frontier(before.size, before.peaks)
    after.extend(leaves[first:])

    assert (after.size, after.root()) == (first + more, merkle.root(leaves))
    assert len(after.peaks) <= 8


@given(sizes)
def test_the_verifier_has_the_same_tree(size: int):
    tree = verify.Tree()
    for leaf in leaves_of(size):
        tree.append(leaf)

    assert tree.root() == merkle.root(leaves_of(size))


@given(st.data(), st.integers(1, 70))
def test_every_leaf_can_be_shown_to_be_in_the_tree(data: st.DataObject, size: int):
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    top = merkle.root(leaves)

    proof = merkle.inclusion_proof(leaves, index)

    assert merkle.verify_inclusion(leaves[index], index, size, proof, top)
    assert [leaves[index], *proof] == other_tree(size).prove_inclusion(index + 1, size).path
    wrong = data.draw(st.integers(0, size).filter(lambda number: number != index))
    assert not merkle.verify_inclusion(leaves[index], wrong, size, proof, top)
    assert not merkle.verify_inclusion(sha256(b"other").digest(), index, size, proof, top)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, top], top)
    if proof:
        assert not merkle.verify_inclusion(leaves[index], index, size, proof[:-1], top)
        spoilt = [*proof]
        spoilt[data.draw(st.integers(0, len(proof) - 1))] = sha256(b"other").digest()
        assert not merkle.verify_inclusion(leaves[index], index, size, spoilt, top)


@given(st.data(), sizes)
def test_every_tree_can_be_shown_to_begin_with_each_smaller_one(data: st.DataObject, size: int):
    leaves = leaves_of(size)
    old = data.draw(st.integers(0, size))
    old_root, new_root = merkle.root(leaves[:old]), merkle.root(leaves)

    proof = merkle.consistency_proof(leaves, old)

    assert merkle.verify_consistency(old, old_root, size, new_root, proof)
    stranger = sha256(b"other").digest()
    assert not merkle.verify_consistency(old, stranger, size, new_root, proof)
    assert not merkle.verify_consistency(old, old_root, size, new_root, [*proof, stranger])
    if old:
        assert not merkle.verify_consistency(old, old_root, size, stranger, proof)
        assert not merkle.verify_consistency(old, old_root, old - 1, new_root, proof)
    if proof:
        spoilt = [*proof]
        spoilt[data.draw(st.integers(0, len(proof) - 1))] = stranger
        assert not merkle.verify_consistency(old, old_root, size, new_root, spoilt)
        assert not merkle.verify_consistency(old, old_root, size, new_root, [])


@given(st.data(), st.integers(2, 70))
def test_a_history_written_anew_cannot_be_shown_to_continue_the_old(data: st.DataObject, size: int):
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    edited = [*leaves]
    edited[data.draw(st.integers(0, old - 1))] = sha256(b"other").digest()

    proof = merkle.consistency_proof(edited, old)

    assert not merkle.verify_consistency(old, merkle.root(leaves[:old]), size, merkle.root(edited), proof)


@pytest.mark.parametrize(("size", "old"), [(7, 3), (8, 4), (64, 33), (65, 64), (70, 1)])
def test_another_implementation_agrees_with_both_roots_of_a_consistency_proof(size: int, old: int):
    tree = other_tree(size)
    theirs = tree.prove_consistency(old, size)
    verify_consistency(tree.get_root(old), tree.get_root(size), theirs)
    verify_inclusion(tree.get_leaf(old), tree.get_root(size), tree.prove_inclusion(old, size))

    leaves = leaves_of(size)
    proof = merkle.consistency_proof(leaves, old)

    assert merkle.verify_consistency(old, tree.get_root(old), size, tree.get_root(size), proof)


def test_a_frontier_refuses_peaks_of_another_size():
    for size, peaks in [(3, [b"x" * 32]), (0, [b"x" * 32]), (1, [b"short"]), (-1, [])]:
        with pytest.raises(ValueError, match="peaks"):
            merkle.Frontier(size, peaks)


def test_what_is_no_leaf_and_no_size_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.Frontier().append(b"body")
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion_proof(leaves_of(3), 3)
    with pytest.raises(ValueError, match="never had"):
        merkle.consistency_proof(leaves_of(3), 4)
