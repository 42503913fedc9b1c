"""The names that places go by on the sheets, in the period that is being read."""

from collections.abc import Mapping
from dataclasses import dataclass

from nianbao.catalogue import Catalogue, nearest
from nianbao.period import Period, squeezed


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """The names and aliases of the places that exist in a period."""

    codes: Mapping[str, str]
    kinds: Mapping[str, str]
    validity: Mapping[str, str]  # of names that no place goes by in the period, as in 2001-01-01～

    @classmethod
    def of(cls, catalogue: Catalogue, period: Period) -> "PlaceNames":
        """Collect them, squeezed to one spelling."""
        codes: dict[str, str] = {}
        kinds: dict[str, str] = {}
        validity: dict[str, str] = {}
        for place in catalogue.places.values():
            names = [squeezed(name) for name in (place.name, *place.aliases)]
            if place.valid_in(period):
                kinds[place.code] = place.kind
                codes |= dict.fromkeys(names, place.code)
            else:
                span = f"{place.valid_from or ''}～{place.valid_to or ''}"
                validity |= dict.fromkeys(names, span)
        return cls(codes, kinds, validity)

    def code(self, text: str, kinds: tuple[str, ...]) -> str | None:
        """The code of a name as typed, among places of some kinds."""
        found = self.codes.get(squeezed(text))
        return found if found and self.kinds[found] in kinds else None

    def refusal(self, text: str, kinds: tuple[str, ...]) -> tuple[str, dict[str, str]]:
        """Why a name has no code among some kinds, as a finding's code and words."""
        known = {name for name, code in self.codes.items() if self.kinds[code] in kinds}
        near = "、".join(nearest(squeezed(text), known))
        if squeezed(text) in self.codes:
            return "E_PLACE_KIND", {"raw": text.strip(), "near": near}
        valid = self.validity.get(squeezed(text), "")
        return "E_UNKNOWN_PLACE", {"raw": text.strip(), "near": near, "known": valid}
