package inventory

import "fmt"

// CheckItem refuses an item that stock cannot be posted for: one that was never added,
// or keeps no stock. It is what every command of the ledger asks first; packages that
// plan movements ask it before they promise any.
func (s *Snapshot) CheckItem(id string) error { return s.stocked(id) }

// CheckLocation refuses a location that was never added.
func (s *Snapshot) CheckLocation(id string) error { return s.known(id) }

// CheckQty refuses a quantity that no movement can have.
func CheckQty(item string, qty int64) error { return checkQty(item, qty) }

// CheckLot refuses a lot that could not be kept. The empty one is none.
func CheckLot(lot string) error {
	if lot == "" {
		return nil
	}
	return checkID("lot", lot)
}

// CheckNote refuses text, such as the number of a document or a remark, that could not
// be kept and found again. It may be empty.
func CheckNote(what, text string) error {
	if p := noteProblem(text); p != "" {
		return fmt.Errorf("%w: %s %s", ErrID, what, p)
	}
	return nil
}
