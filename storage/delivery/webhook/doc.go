// Package webhook posts events to an HTTP endpoint as CloudEvents, signed as Standard
// Webhooks (https://www.standardwebhooks.com) has it. An [Endpoint] is a sink for
// package delivery, which repeats what fails:
//
//	shop, err := webhook.New(webhook.Config{
//		URL: "https://erp.example/hooks", Secrets: []string{"whsec_…"}, Source: "https://shop.example/oms", Now: time.Now,
//	})
//	hooks, err := delivery.New(delivery.Config{Store: store, Name: "erp", Now: time.Now, Handler: shop.Handle})
//
// [Verify] is the other side: it checks what such a hook posts, also those of others.
//
// # Whom to trust
//
// Where customers choose the URL, give a Client whose Transport refuses to connect to
// addresses of your own network: a name may lead there at any time. Redirects are never
// followed, answers are read up to a bound, and of an answer that refuses an event only
// the beginning is kept.
package webhook
