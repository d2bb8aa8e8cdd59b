"""``channels.yaml``: what is wrong with it is said with its place, what is right comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lamppost.contacts.models import Keyword, PhoneLine, SpokenLanguage
from lamppost.database.scope import city_scope
from lamppost.packs.apply import apply_pack
from lamppost.packs.check import check_pack
from lamppost.packs.diff import diff_pack
from lamppost.packs.export import pack_files
from lamppost.packs.stored import stored_pack
