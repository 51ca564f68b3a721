"""Folders of the checkout that tests read."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]  #: the root of the checkout
