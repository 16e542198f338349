package sqlstore

import (
	"encoding/json"
	"fmt"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// itemBody is what few items say of themselves, as JSON; NULL for those that say nothing
// of it.
type itemBody struct {
	Picking inventory.Picking      `json:"picking,omitempty"`
	Kit     []inventory.Component  `json:"kit,omitempty"`
	Bill    []inventory.Component  `json:"bill,omitempty"`
	Units   []inventory.Unit       `json:"units,omitempty"`
	Costing inventory.CostMethod   `json:"costing,omitempty"`
	Serials inventory.SerialPolicy `json:"serials,omitempty"`
	Limit   int64                  `json:"backorder_limit,omitempty"`
}

func (x stock) itemRow(i *inventory.Item) ([]any, error) {
	row := []any{x.tenant, i.ID, i.SKU, i.Name, int64(i.Scale), flag(i.Untracked), flag(i.Backorder), i.Safety, nil}
	body, err := json.Marshal(itemBody{Picking: i.Picking, Kit: i.Kit, Bill: i.Bill, Units: i.Units, Costing: i.Costing, Serials: i.Serials, Limit: i.BackorderLimit})
	if err != nil {
		return nil, fmt.Errorf("sqlstore: item %q: %w", i.ID, err)
	}
	if len(body) > len("{}") {
		row[len(row)-1] = string(body)
	}
	return row, nil
}

func readItem(c *cells) inventory.Item {
	i := inventory.Item{ID: c.text(), SKU: c.text(), Name: c.text(), Scale: int(c.int()), Untracked: c.flag(), Backorder: c.flag(), Safety: c.int()}
	if text := c.text(); text != "" {
		var body itemBody
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			c.err = fmt.Errorf("%w: item %q: %w", storage.ErrCorrupt, i.ID, err)
		}
		i.Picking, i.Kit, i.Bill, i.Units, i.Costing, i.Serials = body.Picking, body.Kit, body.Bill, body.Units, body.Costing, body.Serials
		i.BackorderLimit = body.Limit
	}
	return i
}
