// Package nats publishes events to NATS JetStream as CloudEvents. A [Publisher] is a
// sink for package delivery, which repeats what fails:
//
//	nc, err := natsgo.Connect(url)
//	js, err := jetstream.New(nc)
//	bus, err := nats.New(nats.Config{JetStream: js, Source: "https://shop.example/oms", Subject: nats.Kind("oms")})
//	feed, err := delivery.New(delivery.Config{Store: store, Name: "bus", Now: time.Now, Handler: bus.Handle})
//
// An event is taken when its stream has acknowledged it. The id of the event is that of
// the message, so that within the stream's window for duplicates a repeat is stored
// once. The events of an aggregate arrive in their order.
//
// The package is a module of its own: the client of NATS is nothing that every user of
// the library should carry.
package nats
