package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// terminal is where the program writes: with colors and a moving bar when a person
// watches, as plain lines otherwise.
type terminal struct {
	out   io.Writer
	live  bool // a terminal that can rewrite its line
	color bool
}

func newTerminal(out io.Writer) terminal {
	t := terminal{out: out}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		t.live = err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	t.color = t.live && os.Getenv("NO_COLOR") == ""
	return t
}

// printf writes; an output that cannot be written to has nobody to tell it.
func (t terminal) printf(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }

const (
	red   = "31"
	green = "32"
	dim   = "2"
	bold  = "1"
)

// paint colors text where colors are wanted.
func (t terminal) paint(style, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// progress tells how far a long run is.
type progress struct {
	terminal
	total int
	done  int // when the run began
	began time.Time
	shown time.Time
	tenth int
}

const (
	barWidth  = 30
	barEvery  = 100 * time.Millisecond
	lineEvery = 5 * time.Second // and at most one for each tenth of the way
)

func (t terminal) progress(done, total int) *progress {
	now := time.Now()
	return &progress{terminal: t, total: total, done: done, began: now, shown: now}
}

// step tells that n of all are done, and where in its year the run is.
func (p *progress) step(n int, where time.Time) {
	now, tenth := time.Now(), 10*n/max(p.total, 1)
	if since := now.Sub(p.shown); p.live && since < barEvery || !p.live && (since < lineEvery || tenth == p.tenth) {
		return
	}
	p.shown, p.tenth = now, tenth
	rate := float64(n-p.done) / now.Sub(p.began).Seconds()
	left := time.Duration(float64(p.total-n) / max(rate, 1) * float64(time.Second)).Round(time.Second)
	counts := fmt.Sprintf("%s  %s of %s  %s/s  %s left", where.Format(time.DateOnly), comma(int64(n)), comma(int64(p.total)), comma(int64(rate)), left)
	if !p.live {
		p.printf("  %s\n", counts)
		return
	}
	full := barWidth * n / max(p.total, 1)
	p.printf("\r\x1b[K  %s%s  %s", p.paint(green, strings.Repeat("█", full)), p.paint(dim, strings.Repeat("░", barWidth-full)), counts)
}

// end removes the bar.
func (p *progress) end() {
	if p.live {
		p.printf("\r\x1b[K")
	}
}

// comma writes a number with separators.
func comma(n int64) string {
	if n < 0 {
		return "-" + comma(-n)
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// pounds writes pence.
func pounds(pence int64) string {
	if pence < 0 {
		return "-" + pounds(-pence)
	}
	return fmt.Sprintf("%s.%02d", comma(pence/100), pence%100)
}

// tellf prints what was done, and how long it took.
func (t terminal) tellf(began time.Time, name, format string, args ...any) {
	t.printf("%-9s %-58s %s\n", name, fmt.Sprintf(format, args...), t.paint(dim, fmt.Sprintf("%8s", seconds(began))))
}

// notef prints a remark under it.
func (t terminal) notef(format string, args ...any) {
	t.printf("%-9s %s\n", "", t.paint(dim, fmt.Sprintf(format, args...)))
}

// seconds writes the time since a moment.
func seconds(began time.Time) string { return fmt.Sprintf("%.1f s", time.Since(began).Seconds()) }
