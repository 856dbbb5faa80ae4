using Microsoft.Extensions.DependencyInjection;
using Webmail.MailCore.Jobs;
using Webmail.MailCore.Tests.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Jobs;

/// <summary>The job waits while mail pours in, and not for long.</summary>
public sealed class IndexSearchTextTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; } = 1;

        public override long GetTimestamp() => Now;

        public override long TimestampFrequency => 1;
    }

    [Fact]
    public async Task MailThatPoursInWaitsAtMostHalfAMinute()
    {
        var clock = new Clock();
        await using var node = await Node.StartAsync(postgres, more: services => services.AddSingleton<TimeProvider>(clock));
        var mail = await node.AccountAsync();
        var inbox = await mail.InboxAsync();
        IJob job = node.Get<IndexSearchText>();
        async Task<long> TickAsync(int arrived)
        {
            if (arrived > 0)
                await mail.PutAsync(node, inbox, arrived);
            clock.Now += 11;
            await job.RunAsync(default);
            return await node.ScalarAsync<long>("select count(*) from mail.search_text");
        }

        Assert.Equal(3, await TickAsync(3));
        Assert.Equal(3, await TickAsync(250));
        Assert.Equal(253, await TickAsync(0));
        Assert.Equal(253, await TickAsync(250));
        Assert.Equal(253, await TickAsync(250));
        Assert.Equal(253, await TickAsync(250));
        Assert.Equal(1_253, await TickAsync(250));
        Assert.Equal(1_253, await TickAsync(0));
    }
}
