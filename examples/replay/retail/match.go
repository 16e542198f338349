package retail

// good is what a customer bought at one price: a return takes back units of the same good.
type good struct {
	customer string
	item     *Item
	price    Amount
}

// sold is a sale line, of which open units have not been returned yet.
type sold struct {
	step, line int
	open       int64
}

// match gives every return the sale lines it takes back: those of the same customer, item and unit
// price, newest first, as far as they are still open. A return without customer matches nothing. A step's
// own sale comes before its returns.
func match(steps []Step) {
	open := returned(steps)
	for i := range steps {
		step := &steps[i]
		if step.Customer == "" {
			continue
		}
		for n, line := range step.Sale {
			key := good{step.Customer, line.Item, line.Price}
			if stack, ok := open[key]; ok {
				open[key] = append(stack, sold{step: i, line: n, open: line.Qty})
			}
		}
		for n := range step.Returns {
			r := &step.Returns[n]
			key := good{step.Customer, r.Item, r.Price}
			open[key] = r.take(open[key], steps)
		}
	}
}

// returned has an entry for every good that is ever returned, so that the many others are not kept. It
// also marks all units unmatched.
func returned(steps []Step) map[good][]sold {
	open := make(map[good][]sold)
	for i := range steps {
		step := &steps[i]
		for n := range step.Returns {
			r := &step.Returns[n]
			r.Unmatched = r.Qty
			if step.Customer != "" {
				open[good{step.Customer, r.Item, r.Price}] = nil
			}
		}
	}
	return open
}

// take matches the return with the newest lines of the stack and returns what is left of it.
func (r *Return) take(stack []sold, steps []Step) []sold {
	for r.Unmatched > 0 && len(stack) > 0 {
		top := &stack[len(stack)-1]
		qty := min(r.Unmatched, top.open)
		r.Matches = append(r.Matches, Match{Invoice: steps[top.step].Invoice, Line: top.line, Qty: qty})
		r.Unmatched -= qty
		top.open -= qty
		if top.open == 0 {
			stack = stack[:len(stack)-1]
		}
	}
	return stack
}
