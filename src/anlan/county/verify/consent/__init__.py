"""Who signed 《承诺授权查询书》, for whom and until when: without it nobody looks into a household's data."""
