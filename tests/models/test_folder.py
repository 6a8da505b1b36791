"""What a model folder says of itself, and of what is broken in it."""

from __future__ import annotations

import shutil

import pytest

from earful.errors import ModelError
from earful.models.folder import Folder


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "tiny"
    path.mkdir()
    (path / "weights.safetensors").write_bytes(bytes(range(200)))
    Folder.write(path, {"kind": "ngram", "name": "tiny"})
    return path


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json"])
def test_a_damaged_file_is_named(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ModelError, match=rf"{name}: file is damaged"):
        Folder.open(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: cannot be read"):
        Folder.open(folder)


def test_checksums_cannot_point_outside_the_folder(folder):
    sums = (folder / "SHA256SUMS").read_text().replace("weights.safetensors", "../../etc/passwd")
    (folder / "SHA256SUMS").write_text(sums)
    with pytest.raises(ModelError, match="unreadable line"):
        Folder.open(folder)


def test_metrics_and_card_do_not_change_the_checksum(folder):
    before = Folder.open(folder).checksum
    (folder / "README.md").write_text("a card")
    (folder / "metrics.json").write_text("{}")
    assert Folder.open(folder).checksum == before
    Folder.write(folder, {"kind": "ngram", "name": "tiny"})
    assert Folder.open(folder).checksum == before


def test_a_model_folder_can_be_moved(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert Folder.open(tmp_path / "elsewhere").checksum == Folder.open(folder).checksum


def test_the_kind_is_told_unchecked_and_only_of_a_model_folder(folder, tmp_path):
    assert Folder.kind_of(folder) == "ngram"
    (folder / "weights.safetensors").unlink()
    assert Folder.kind_of(folder) == "ngram"
    (folder / "SHA256SUMS").unlink()
    assert Folder.kind_of(folder) is None
    assert Folder.kind_of(tmp_path / "none") is None
