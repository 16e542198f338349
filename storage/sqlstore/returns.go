package sqlstore

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// rmas is returns.Repository in a transaction.
type rmas struct{ *tx }

// returnBody is what is stored of a return as JSON; the names are the format of stored
// data.
type returnBody struct {
	Ref       string            `json:"ref,omitempty"`
	Location  string            `json:"location,omitempty"`
	Lines     []returns.Line    `json:"lines"`
	Verdicts  []returns.Verdict `json:"verdicts,omitempty"`
	Refunded  order.Money       `json:"refunded"`
	CreatedAt *int64            `json:"created_at,omitempty"`
	UpdatedAt *int64            `json:"updated_at,omitempty"`
	ClosedAt  *int64            `json:"closed_at,omitempty"`
}

// Save stores a return at its version.
func (x rmas) Save(ctx context.Context, r returns.Return) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	body, err := encode(returnBody{r.Ref, r.Location, r.Lines, r.Verdicts, r.Refunded, micros(r.CreatedAt), micros(r.UpdatedAt), micros(r.ClosedAt)})
	if err != nil {
		return fmt.Errorf("return %s: %w", r.ID, err)
	}
	return x.saveDocument(returnsTable, []any{
		x.tenant, r.ID.String(), reference(r.Order.UUID), r.Customer, string(r.State), r.Version, body,
	})
}

func readReturn(c *cells) returns.Return {
	r := returns.Return{
		ID: returns.ID{UUID: c.uuid()}, Order: order.ID{UUID: c.uuid()}, Customer: c.text(), State: returns.State(c.text()), Version: c.int(),
	}
	var b returnBody
	c.json(&b)
	r.Ref, r.Location, r.Lines, r.Verdicts, r.Refunded = b.Ref, b.Location, b.Lines, b.Verdicts, b.Refunded
	r.CreatedAt, r.UpdatedAt, r.ClosedAt = fromMicros(b.CreatedAt), fromMicros(b.UpdatedAt), fromMicros(b.ClosedAt)
	return r
}

var (
	returnSQL    = "SELECT " + returnsTable.selected("") + " FROM {returns} WHERE tenant = ? AND id = ?"
	returnsOfSQL = "SELECT " + returnsTable.selected("") + " FROM {returns}{@returns_order} WHERE tenant = ? AND order_id = ? ORDER BY id"
)

// Get reads a return.
func (x rmas) Get(ctx context.Context, id returns.ID) (returns.Return, error) {
	return document(ctx, x.tx, returnsTable, returnSQL, id.String(), readReturn, returns.ErrNotFound)
}

// OfOrder reads the returns of an order, oldest first.
func (x rmas) OfOrder(ctx context.Context, id order.ID) ([]returns.Return, error) {
	return documents(ctx, x.tx, returnsTable, x.fixed(returnsOfSQL), []any{x.tenant, reference(id.UUID)}, readReturn)
}

// Page reads the returns that a filter selects, newest first.
func (x rmas) Page(ctx context.Context, f returns.Filter) ([]returns.Return, error) {
	limit, err := pageSize(f.Limit, returns.MaxPage)
	if err != nil {
		return nil, err
	}
	s := selection{
		table: returnsTable, from: "{returns}", by: "ORDER BY id DESC", limit: limit,
		where: []string{"tenant = ?"}, args: []any{x.tenant},
	}
	s.and("id < ?", before(f.After.UUID))
	switch {
	case f.Customer != "":
		s.from += "{@returns_customer}"
		s.and("customer = ?", f.Customer)
		in(&s, "state", f.States)
	case len(f.States) > maxBranches:
		in(&s, "state", f.States)
	case len(f.States) > 0:
		s.from += "{@returns_state}"
		branch(&s, "state", f.States)
	}
	text, args := s.build()
	return documents(ctx, x.tx, returnsTable, x.render(text), args, readReturn)
}
