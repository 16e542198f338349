package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// width is what every terminal has; indent is what stands under a chapter's number.
const (
	width  = 80
	indent = "   "
	inner  = width - len(indent) - 2 // beside a mark
)

// page is where the story is written: with colors when a person looks at a terminal,
// and without when the output goes elsewhere or NO_COLOR is set.
type page struct {
	out     io.Writer
	color   bool
	chapter int
}

func newPage(out io.Writer) *page {
	p := &page{out: out}
	if file, ok := out.(*os.File); ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		info, err := file.Stat()
		p.color = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// The styles.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (p *page) paint(style, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (p *page) write(line string) { _, _ = fmt.Fprintln(p.out, strings.TrimRight(line, " ")) }

// title opens the story.
func (p *page) title(text, about string) { p.write(p.paint(bold, text) + p.paint(dim, about)) }

// heading opens a chapter.
func (p *page) heading(text string) {
	p.chapter++
	p.write("")
	p.write(p.paint(cyan, fmt.Sprintf("%2d", p.chapter)) + " " + p.paint(bold, text))
}

// sayf is a plain line.
func (p *page) sayf(format string, args ...any) { p.write(indent + fmt.Sprintf(format, args...)) }

// caption is a plain line above others.
func (p *page) caption(text string) { p.write(indent + p.paint(dim, text)) }

// notef is a remark about the telling.
func (p *page) notef(format string, args ...any) {
	p.write("")
	p.write(p.paint(dim, fmt.Sprintf(format, args...)))
}

// goodf and badf are outcomes.
func (p *page) goodf(format string, args ...any) { p.mark(green, "✓", fmt.Sprintf(format, args...)) }
func (p *page) badf(format string, args ...any)  { p.mark(red, "✗", fmt.Sprintf(format, args...)) }

// mark writes an outcome. Errors say more after each colon, so that is where a long one
// goes on below.
func (p *page) mark(style, sign, text string) {
	more := ""
	if utf8.RuneCountInString(text) > inner {
		if at := strings.LastIndex(string([]rune(text)[:inner]), ": "); at > 0 {
			text, more = text[:at+1], text[at+2:]
		}
	}
	p.write(indent + p.paint(style, sign) + " " + text)
	if more != "" {
		p.write(indent + "  " + more)
	}
}

// datedf is something that happened at a moment.
func (p *page) datedf(at, format string, args ...any) {
	p.write(indent + p.paint(dim, at) + "  " + fmt.Sprintf(format, args...))
}

// quote shows the library's own words. What does not fit on a line goes on below the last
// column: after two spaces, or after a first "word: ".
func (p *page) quote(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		column := 0
		if at := strings.LastIndex(line, "  "); at >= 0 {
			column = utf8.RuneCountInString(line[:at+2])
		} else if word, _, ok := strings.Cut(line, ": "); ok && !strings.Contains(word, " ") {
			column = len(word) + 2
		}
		for _, part := range wrap(line, inner, column) {
			p.write(indent + p.paint(yellow, "│") + " " + part)
		}
	}
}

// wrap breaks a line between words and indents what follows.
func wrap(line string, width, indent int) []string {
	var out []string
	for utf8.RuneCountInString(line) > width {
		cut := strings.LastIndex(string([]rune(line)[:width+1]), " ")
		if cut <= indent {
			break // a word longer than the line
		}
		out = append(out, line[:cut])
		line = strings.Repeat(" ", indent) + line[cut+1:]
	}
	return append(out, line)
}
