package oms

import (
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/orderkit/oms/storage/delivery"
)

// Consumer makes a consumer of this tenant's events: c.Handler gets every one, at least
// once and in order per aggregate. The Engine gives the store, the tenant and the
// clock, so c has none of them; what goes wrong is logged, and then heard by c.OnError
// if there is one. A configuration that cannot be used is delivery.ErrConfig.
// delivery.Run runs it:
//
//	mails, err := kit.Consumer(delivery.Config{Name: "mails", Handler: send})
//	err = delivery.Run(ctx, mails)
//
// It cannot be used inside Atomically or over a store that joins a transaction: a
// consumer has transactions of its own.
func (e *Engine) Consumer(c delivery.Config) (*delivery.Consumer, error) {
	if c.Store != nil || c.Tenant != "" || c.Now != nil {
		return nil, fmt.Errorf("%w: Store, Tenant and Now of %q are the Engine's to give", delivery.ErrConfig, c.Name)
	}
	c.Store, c.Tenant, c.Now = e.store, e.tenant, e.cfg.now
	told := c.OnError
	c.OnError = func(err error) {
		e.logDelivery(c.Name, err)
		if told != nil {
			told(err)
		}
	}
	return delivery.New(c)
}

func (e *Engine) logDelivery(consumer string, err error) {
	fields := []zap.Field{zap.String("tenant", string(e.tenant)), zap.String("consumer", consumer)}
	attempt, ok := errors.AsType[*delivery.AttemptError](err)
	if !ok {
		e.cfg.logger.Warn("delivery is held up", append(fields, zap.Error(err))...)
		return
	}
	fields = append(fields, zap.Int64("event", attempt.Event.Seq), zap.String("kind", attempt.Event.Kind),
		zap.String("aggregate", attempt.Event.Aggregate), zap.Int("attempts", attempt.Attempts), zap.Error(attempt.Err))
	if attempt.Dead {
		e.cfg.logger.Error("event is a dead letter", fields...)
		return
	}
	e.cfg.logger.Warn("event was not taken", fields...)
}
