namespace Webmail.Web.Tests.Memory;

public sealed class AllocationWatchTests
{
    private const long Garbage = AllocationWatch.GarbageBytes;

    private readonly AllocationWatch _watch = new();

    [Fact]
    public void OnceTheServerIsQuietItCollectsOnce()
    {
        Assert.False(_watch.IsWorthIt(Garbage, heap: 0));
        Assert.False(_watch.IsWorthIt(Garbage, heap: 0));
        Assert.True(_watch.IsWorthIt(Garbage + AllocationWatch.QuietBytes, heap: 0));
        for (var tick = 0; tick < 10; tick++)
            Assert.False(_watch.IsWorthIt(Garbage + AllocationWatch.QuietBytes, heap: 0));
    }

    [Fact]
    public void WorkPutsItOff()
    {
        var allocated = 0L;
        for (var tick = 0; tick < 10; tick++)
            Assert.False(_watch.IsWorthIt(allocated += tick % 2 == 0 ? AllocationWatch.QuietBytes + 1 : Garbage, heap: 0));
        Assert.False(_watch.IsWorthIt(allocated, heap: 0));
        Assert.True(_watch.IsWorthIt(allocated, heap: 0));
    }

    [Fact]
    public void ALittleGarbageIsntWorthIt()
    {
        for (var tick = 1; tick <= 10; tick++)
            Assert.False(_watch.IsWorthIt(Garbage - 1, heap: 0));
    }

    [Fact]
    public void ALargeHeapIsLeftAlone()
    {
        for (var tick = 1; tick <= 10; tick++)
            Assert.False(_watch.IsWorthIt(Garbage * 100, AllocationWatch.LargestHeap + 1));
    }
}
