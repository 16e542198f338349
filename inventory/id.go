package inventory

// CheckID refuses what could not be an id: it has 1 to [MaxIDLen] bytes of UTF-8, no
// control characters and no space around it. What names the thing in the error, which
// matches ErrID. Case is significant, and nothing is trimmed.
func CheckID(what, id string) error { return checkID(what, id) }
