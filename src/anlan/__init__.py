"""Anlan 安澜: a county's plan against disasters pushing households back into poverty, carried out."""
