package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// report shows what the engine stored and holds it against the ledger.
type report struct {
	terminal          // of the checks
	talk     terminal // of everything else
	shop     *shop

	plan           *books // what the plan of the replayed steps comes to
	checks, failed int
}

const shownFindings = 5

func (r *report) run(ctx context.Context) error {
	began := time.Now()
	stored, err := r.shop.stored(ctx)
	if err != nil {
		return err
	}
	r.talk.tellf(began, "stored", "%s orders, %s cancellations, %s returns", comma(stored.orders), comma(stored.cancellations), comma(stored.returns))
	r.talk.notef("%s returns have no order, as no sale in the file fits them", comma(stored.blind))
	if stored.unshipped > 0 {
		r.talk.notef("%s orders have not shipped: their day is not over", comma(stored.unshipped))
	}
	r.talk.printf("\n")
	r.plan = r.shop.planned()
	r.table(stored)
	r.talk.printf("\n")
	r.money(stored)
	r.months(stored)
	r.stock(stored)
	if err := r.verify(ctx); err != nil {
		return err
	}
	r.published(stored)
	return nil
}

// verdict is the error of a report with failed checks.
func (r *report) verdict() error {
	if r.failed > 0 {
		return fmt.Errorf("%d of %d checks failed", r.failed, r.checks)
	}
	return nil
}

// table prints the stored books by month.
func (r *report) table(b *books) {
	const row = "%-8s %8s %10s %15s %14s %12s %15s"
	r.talk.printf("%s\n", r.talk.paint(bold, fmt.Sprintf(row, "month", "orders", "units", "gross", "returns", "adjust", "net")))
	line := func(name string, f flows) string {
		return fmt.Sprintf(row, name, comma(f.orders), comma(f.units), pounds(f.gross), pounds(f.returns), pounds(f.adjust), pounds(f.net()))
	}
	for _, name := range b.names() {
		r.talk.printf("%s\n", line(name, *b.months[name]))
	}
	r.talk.printf("%s\n", r.talk.paint(bold, line("total", b.total())))
}

// checkf prints the outcome of one check.
func (r *report) checkf(ok bool, name, format string, args ...any) {
	r.checks++
	mark := r.paint(green, "✓")
	if !ok {
		r.failed++
		mark = r.paint(red, "✗")
	}
	r.printf("%s %-12s %s\n", mark, name, fmt.Sprintf(format, args...))
}

// money holds the totals against the rows of the file, each rounded to the penny. Where
// only a part of the file was replayed it is the plan of that part.
func (r *report) money(b *books) {
	have, want, source := b.total(), r.plan.total(), "the plan"
	if r.shop.complete() {
		want, source = r.shop.fromRows(), "the file"
	}
	for _, m := range []struct {
		name       string
		have, want int64
	}{
		{"gross", have.gross, want.gross},
		{"returns", have.returns, want.returns},
		{"adjustments", have.adjust, want.adjust},
		{"net", have.net(), want.net()},
	} {
		if m.have == m.want {
			r.checkf(true, m.name, "%15s  as in %s, to the penny", pounds(m.have), source)
		} else {
			r.checkf(false, m.name, "%15s  but in %s it is %s", pounds(m.have), source, pounds(m.want))
		}
	}
}

// months holds every month against the plan.
func (r *report) months(b *books) {
	all := slices.Concat(b.names(), r.plan.names())
	slices.Sort(all)
	all = slices.Compact(all)
	var wrong []string
	for _, name := range all {
		if have, want := *b.month(name), *r.plan.month(name); have != want {
			wrong = append(wrong, fmt.Sprintf("%s has %s; should have %s", name, have, want))
		}
	}
	r.listf("months", wrong, "%d of %d as in the plan, in every column", len(all)-len(wrong), len(all))
}

// stock holds the ledger of goods against the units of the file.
func (r *report) stock(b *books) {
	want := r.plan.stock
	if r.shop.complete() {
		want = r.shop.stockFromRows()
	}
	var wrong []string
	for _, item := range r.shop.year.Items {
		if item.Stocked && b.stock[item.ID] != want[item.ID] {
			wrong = append(wrong, fmt.Sprintf("%s has %s, should have %s", item.ID, comma(b.stock[item.ID]), comma(want[item.ID])))
		}
	}
	r.listf("stock", wrong, "%s of %s items: on hand = opening − sold + returned − written off + found", comma(int64(len(want)-len(wrong))), comma(int64(len(want))))
}

// verify lets the engine prove its own books.
func (r *report) verify(ctx context.Context) error {
	began := time.Now()
	found, err := r.shop.kit.Verify(ctx)
	if err != nil {
		return err
	}
	var wrong []string
	for _, d := range found {
		wrong = append(wrong, d.String())
	}
	r.listf("verify", wrong, "%d differences between logs, balances, counters and amounts (%s)", len(found), seconds(began))
	return nil
}

// listf is a check that fails with findings, of which some are shown.
func (r *report) listf(name string, wrong []string, format string, args ...any) {
	r.checkf(len(wrong) == 0, name, format, args...)
	for _, w := range wrong[:min(len(wrong), shownFindings)] {
		r.printf("    %s\n", w)
	}
	if more := len(wrong) - shownFindings; more > 0 {
		r.printf("    and %s more\n", comma(int64(more)))
	}
}

// published compares with the figures that lie beside the ledger, if there are any. They
// were computed by other people with other tools.
func (r *report) published(b *books) {
	const name = "reference.json"
	path := filepath.Join(filepath.Dir(r.shop.file), name)
	want, err := readFigures(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		r.checkf(false, "published", "%s: %v", path, err)
		return
	case !r.shop.complete():
		r.talk.printf("- %-12s %s tells of the whole file: not compared\n", "published", name)
		return
	}
	wrong := want.differences(r.shop.year.Reference)
	if net := pounds(b.total().net()); !want.sameNet(net) {
		wrong = append(wrong, fmt.Sprintf("net is %s, should be %s", net, want.Rounding.Net))
	}
	r.listf("published", wrong, "%s agrees: totals, %d months, net to the penny", name, len(want.Months))
}

// peakMemory is the most memory that the process has held: resident where the system
// tells, else what the Go runtime took from it.
func peakMemory() string {
	const mib = 1 << 20
	status, err := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(status), "VmHWM:"); err == nil && ok {
		if fields := strings.Fields(rest); len(fields) > 0 {
			if kib, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				return comma(kib*1024/mib) + " MiB"
			}
		}
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return comma(int64(stats.Sys/mib)) + " MiB"
}
