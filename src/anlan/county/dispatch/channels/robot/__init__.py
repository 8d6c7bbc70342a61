"""Texts into groups of cadres: robots of WeCom, DingTalk and Feishu."""
