-- What few items say of themselves: the order in which lots are taken, components, units. It is JSON, and
-- NULL for those that say nothing of it.

ALTER TABLE {items} ADD COLUMN body {text};
