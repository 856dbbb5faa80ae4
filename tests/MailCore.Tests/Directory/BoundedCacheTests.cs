using Microsoft.Extensions.Time.Testing;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Tests.Directory;

public sealed class BoundedCacheTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ForgetsAfterItsTime()
    {
        var cache = Make(100);
        cache.Add("a", "1", cache.Generation);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("1", cache.Find("a"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(cache.Find("a"));
    }

    [Fact]
    public void WhatWasReadBeforeAClearIsNotLetIn()
    {
        var cache = Make(100);
        var generation = cache.Generation;
        cache.Clear();
        cache.Add("a", "old", generation);
        Assert.Null(cache.Find("a"));
    }

    [Fact]
    public void StaysBounded()
    {
        var cache = Make(100);
        for (var i = 0; i < 10_000; i++)
            cache.Add($"{i}", "x", cache.Generation);
        Assert.InRange(cache.Count, 1, 200);
    }

    private BoundedCache<string, string> Make(int capacity) => new(capacity, TimeSpan.FromSeconds(5), _time);
}
