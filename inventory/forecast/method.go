package forecast

import "fmt"

// Method is a way to forecast. The zero value, [Auto], chooses one of the others.
type Method int

// The methods. Periods ahead are called h, and the length of the season m.
const (
	// Auto tries the methods that fit the [Class] of the demand in a backtest and takes
	// the best one.
	Auto Method = iota
	// Naive repeats the last period.
	Naive
	// SeasonalNaive repeats the last season: the baseline to beat.
	SeasonalNaive
	// SES is simple exponential smoothing (Brown 1956): a level that follows the demand
	// by the share α of each error.
	SES
	// Holt adds a trend that goes on for ever (Holt 1957).
	Holt
	// DampedHolt adds a trend that levels out (Gardner and McKenzie 1985).
	DampedHolt
	// HoltWinters adds a season to DampedHolt, in units above and below the level
	// (Winters 1960).
	HoltWinters
	// HoltWintersMultiplicative is HoltWinters with a season in percent of the level. It
	// needs demand in every period.
	HoltWintersMultiplicative
	// Croston smooths the size of demands and the time between them apart, for items
	// that sell now and then (Croston 1972).
	Croston
	// SBA is Croston less its bias: times 1 − α/2 (Syntetos and Boylan 2005).
	SBA
	// TSB smooths the size of demands and their probability, so that the forecast of an
	// item that nobody asks for any more fades (Teunter, Syntetos and Babai 2011).
	TSB
)

var methodNames = [...]string{
	Auto: "auto", Naive: "naive", SeasonalNaive: "seasonal naive", SES: "exponential smoothing", Holt: "Holt",
	DampedHolt: "damped Holt", HoltWinters: "Holt-Winters", HoltWintersMultiplicative: "Holt-Winters multiplicative",
	Croston: "Croston", SBA: "SBA", TSB: "TSB",
}

// String names the method.
func (m Method) String() string {
	if m < 0 || int(m) >= len(methodNames) {
		return fmt.Sprintf("Method(%d)", int(m))
	}
	return methodNames[m]
}

// seasonal says whether the method needs a season.
func (m Method) seasonal() bool {
	return m == SeasonalNaive || m == HoltWinters || m == HoltWintersMultiplicative
}

// intermittent says whether the method is of Croston's family.
func (m Method) intermittent() bool { return m == Croston || m == SBA || m == TSB }

// needs is the least number of known periods from which the method can be fitted and
// the size of its errors told.
func (m Method) needs(season int) int {
	const least = 3
	switch m { //exhaustive:ignore
	case SeasonalNaive:
		return season + 2
	case Holt, DampedHolt:
		return least + 2
	case HoltWinters, HoltWintersMultiplicative:
		return 2*season + least
	default:
		return least
	}
}

// refuses is the first known period that the method cannot take, or -1.
func (m Method) refuses(demand []float64, known []bool) int {
	if m == HoltWintersMultiplicative {
		for t, v := range demand {
			if v == 0 && (known == nil || known[t]) {
				return t
			}
		}
	}
	return -1
}

// Class is the kind of a demand by how often and how evenly it comes.
type Class int

// The classes of Syntetos, Boylan and Croston (2005), told apart by the average
// interval between demands (ADI, cut at 1.32 periods) and the squared coefficient of
// variation of their sizes (CV², cut at 0.49).
const (
	NoDemand     Class = iota // nothing was ever asked for
	Smooth                    // often, in even sizes
	Erratic                   // often, in sizes that vary
	Intermittent              // now and then, in even sizes
	Lumpy                     // now and then, in sizes that vary
)

// String names the class.
func (c Class) String() string {
	names := [...]string{"no demand", "smooth", "erratic", "intermittent", "lumpy"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("Class(%d)", int(c))
	}
	return names[c]
}

// sparse says whether most periods have no demand to speak of.
func (c Class) sparse() bool { return c == Intermittent || c == Lumpy }

// Classify tells the class of a demand from its known periods. The error is that of
// [Series.Validate], or a [*ShortError] when nothing is known.
func Classify(s Series) (Class, error) {
	if err := s.Validate(); err != nil {
		return NoDemand, err
	}
	if s.Known() == 0 {
		return NoDemand, &ShortError{Method: Auto, Have: 0, Need: 1}
	}
	return classify(s.Demand, s.known()), nil
}

const (
	cutInterval = 1.32
	cutSizes    = 0.49
)

func classify(demand []float64, known []bool) Class {
	periods, count, sum := 0.0, 0.0, 0.0
	for t, v := range demand {
		if known != nil && !known[t] {
			continue
		}
		periods++
		if v > 0 {
			count++
			sum += v
		}
	}
	if count == 0 {
		return NoDemand
	}
	mean, squares := sum/count, 0.0
	for t, v := range demand {
		if v > 0 && (known == nil || known[t]) {
			squares += (v - mean) * (v - mean)
		}
	}
	uneven := squares/count/(mean*mean) >= cutSizes
	switch often := periods/count < cutInterval; {
	case often && !uneven:
		return Smooth
	case often:
		return Erratic
	case !uneven:
		return Intermittent
	default:
		return Lumpy
	}
}
