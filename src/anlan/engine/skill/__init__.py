"""How good were we: what was foreseen, held against what was found."""
