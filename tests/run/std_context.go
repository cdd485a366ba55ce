package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

func main() {
	ctx, c := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer c()
	select {
	case <-ctx.Done():
		fmt.Println(ctx.Err(), errors.Is(ctx.Err(), context.DeadlineExceeded))
	}
	ctx, c2 := context.WithCancelCause(context.WithValue(context.Background(), "k", "v"))
	c2(errors.New("why"))
	fmt.Println(ctx.Value("k"), context.Cause(ctx), ctx)
	stop := context.AfterFunc(ctx, func() { fmt.Println("after") })
	time.Sleep(time.Millisecond * 3)
	fmt.Println(stop())
}
