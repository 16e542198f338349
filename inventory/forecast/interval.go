package forecast

import (
	"math"
	"slices"
)

// normalQuantile is the z with P(Z ≤ z) = p for a standard normal Z.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// intervals sets the bounds of points around their means. Additive methods have a known
// variance ahead (Hyndman et al. 2008, table 6.1); the others take quantiles of the
// errors that they made on the way.
func (w *path) intervals(m *model, coverage float64, points []Point) {
	switch {
	case m.method.intermittent():
		w.byErrors(m, coverage, points)
	case m.method == HoltWintersMultiplicative:
		w.byRatios(m, coverage, points)
	default:
		m.byVariance(len(w.season), coverage, points)
	}
}

// byVariance uses σ²·(1 + c₁² + … + c²ₕ₋₁), where cⱼ = α + αβ·(φ + … + φʲ), and γ more
// at each whole season, is what an error now adds to the demand j periods later.
func (m *model) byVariance(season int, coverage float64, points []Point) {
	z, sigma := normalQuantile((1+coverage)/2), m.deviation()
	p := m.params
	spread, fade, fades := 1.0, 1.0, 0.0
	for i := range points {
		half := z * sigma * math.Sqrt(spread)
		points[i].bound(-half, half)
		fade *= p.Phi
		fades += fade
		c := p.Alpha + p.Alpha*p.Beta*fades
		if (i+1)%season == 0 {
			c += p.Gamma
		}
		spread += c * c
	}
}

// byErrors uses the one-step errors for every period ahead, as the forecasts of Croston's
// family are flat and move little. Their skew is that of the demand: quantiles keep it.
func (w *path) byErrors(m *model, coverage float64, points []Point) {
	errs := w.sorted[:0]
	for t := range m.end {
		if w.knows(t) {
			errs = append(errs, w.errs[t])
		}
	}
	slices.Sort(errs)
	low, high := quantile(errs, (1-coverage)/2), quantile(errs, (1+coverage)/2)
	for i := range points {
		points[i].bound(low, high)
	}
}

// byRatios uses the relative errors, further ahead by the square root of the periods
// that the level has had to move, each by the share α of an error.
func (w *path) byRatios(m *model, coverage float64, points []Point) {
	ratios := w.sorted[:0]
	for t := range m.end {
		if mean := w.y[t] - w.errs[t]; w.knows(t) && mean > 0 {
			ratios = append(ratios, w.errs[t]/mean)
		}
	}
	slices.Sort(ratios)
	low, high := quantile(ratios, (1-coverage)/2), quantile(ratios, (1+coverage)/2)
	p, spread, fade, fades := m.params, 1.0, 1.0, 0.0
	for i := range points {
		wide := math.Sqrt(spread) * points[i].Mean
		points[i].bound(low*wide, high*wide)
		fade *= p.Phi
		fades += fade
		c := p.Alpha + p.Alpha*p.Beta*fades
		spread += c * c
	}
}

// bound sets Low and High at distances from the mean, never below 0 and never with the
// mean outside.
func (p *Point) bound(low, high float64) {
	p.Low = max(p.Mean+min(low, 0), 0)
	p.High = p.Mean + max(high, 0)
}

// quantile interpolates in sorted values between plotting positions (i − ½)/n, which
// does not understate the tails of a short sample as (i − 1)/(n − 1) does.
func quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	at := p*float64(n) - 0.5
	i := int(math.Floor(at))
	if i < 0 {
		return sorted[0]
	}
	if i >= n-1 {
		return sorted[n-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
