"""The people of a drill. They do what people do, through the rooms' own actions, and see only what people see."""
