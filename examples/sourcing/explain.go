package main

import (
	"io"
)

func explain(w io.Writer, it *instance, opt options) error { return nil }
func (it *instance) batch(o interface{}) (any, error) { return nil, nil }
