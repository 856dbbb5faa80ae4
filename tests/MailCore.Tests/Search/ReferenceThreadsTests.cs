using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.MailCore.Tests.Search;

public sealed class ReferenceThreadsTests
{
    [Fact]
    public void AChainOfAHundredThousandAnswersIsOneThread()
    {
        var thread = Assert.Single(new ReferenceThreads([.. Enumerable.Range(1, 100_000).Select(n => Message(n, n, n == 1 ? [] : [n - 1]))]).ByNewestArrival());
        var depth = 1;
        for (; thread.Children.Count > 0; depth++)
            thread = Assert.Single(thread.Children);
        Assert.Equal(100_000, depth);
    }

    [Fact]
    public void AHundredThousandAnswersToOneThatIsMissingStandTogether()
    {
        var threads = new ReferenceThreads([.. Enumerable.Range(1, 100_000).Select(n => Message(n, n, [1_000_000, 2_000_000 + n]))]).ByNewestArrival();
        Assert.Null(Assert.Single(threads).Message);
        Assert.Equal(100_000, threads[0].Children.Count);
    }

    [Fact]
    public void MessagesThatAnswerEachOtherMakeNoLoop()
    {
        var threads = new ReferenceThreads([Message(1, 1, [2]), Message(2, 2, [3]), Message(3, 3, [1]), Message(4, 4, [4])]).ByNewestArrival();
        Assert.Equal(4, threads.Sum(Count));
    }

    [Fact]
    public void RandomAncestriesKeepEveryMessageOnce()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var messages = Enumerable.Range(1, 30)
                .Select(n => Message(n, random.Next(0, 25), [.. Enumerable.Range(0, random.Next(4)).Select(_ => (long)random.Next(1, 35))], random.Next(3))).ToList();
            var threads = new ReferenceThreads(messages);
            var replies = threads.MessagesWithSharedSubjects().Where(_ => random.Next(2) == 0).ToHashSet();
            Assert.Equal(Enumerable.Range(1, 30).Select(n => (uint)n), threads.JoinedBySubject(replies).SelectMany(All).Order());
        }
    }

    private static ThreadedMessage Message(int n, long id, long[] ancestors, int subject = 0) =>
        new(new((uint)n), n, n, n, n, subject == 0 ? [] : [(byte)subject], [id, .. ancestors]);

    private static int Count(ThreadNode thread) => All(thread).Count();

    private static IEnumerable<uint> All(ThreadNode thread)
    {
        var waiting = new Stack<ThreadNode>([thread]);
        while (waiting.TryPop(out var node))
        {
            if (node.Message is { } uid)
                yield return uid.Value;
            foreach (var child in node.Children)
                waiting.Push(child);
        }
    }
}
