"""Inputs for the readers that hypothesis makes: seeds with edits, and words in a row."""

from hypothesis import strategies as st

from tests.soak.target import Target


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Return what makes inputs for a target, none longer than it says."""
    piece = _pieces(target)
    rows = st.lists(piece, max_size=40).map(b"".join)
    edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), piece), max_size=12)
    edited = st.tuples(st.sampled_from(target.seeds), edits).map(_edited)
    return (rows | edited).map(lambda data: data[: target.longest])


def _pieces(target: Target) -> st.SearchStrategy[bytes]:
    lines = sorted(
        {line for seed in target.seeds for line in seed.splitlines(keepends=True)}
    )
    known = (*target.words, *lines)
    odd = st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(
        st.sampled_from(known or (b"",)),
        st.sampled_from(known or (b"",)),
        st.sampled_from([b" ", b"\t", b"\n", b"\n\n", b"=", b":", b",", b"\x00"]),
        st.integers(-(2**65), 2**65).map(lambda number: str(number).encode()),
        st.binary(max_size=6),
        odd,
    )


def _edited(choice: tuple[bytes, list[tuple[float, int, bytes]]]) -> bytes:
    """Replace so many bytes at each place (a share of the whole) by something else."""
    data, edits = choice
    for share, length, piece in edits:
        at = int(share * len(data))
        data = data[:at] + piece + data[at + length :]
    return data
