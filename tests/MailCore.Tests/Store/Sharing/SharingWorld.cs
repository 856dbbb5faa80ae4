using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Testing;

namespace Webmail.MailCore.Tests.Store.Sharing;

/// <summary>Accounts 1 (Ann), 2 (Bob) and 3 (Carol) with their rows in the directory, on one node or more.</summary>
internal sealed class SharingWorld : IAsyncDisposable
{
    public const long Ann = 1;
    public const long Bob = 2;
    public const long Carol = 3;

    private static readonly CancellationToken None = CancellationToken.None;
    private int _boxes;

    private SharingWorld(Node node) => Node = node;

    public Node Node { get; }

    public static async Task<SharingWorld> StartAsync(PostgresFixture postgres)
    {
        var node = await Node.StartAsync(postgres);
        await node.RunAsync(
            """
            insert into directory.domain values ('example.test', 'example.test', 's', 'k', now());
            insert into directory.account overriding system value
              select i, 'user' || i, 'example.test', '', '', false, false, null, 1, now(), null from generate_series(1, 3) i;
            insert into directory.address select 'user' || i || '@example.test', 'user' || i, 'example.test', i, null, now() from generate_series(1, 3) i;
            """);
        foreach (var number in new[] { Ann, Bob, Carol })
            await node.AccountAsync(number);
        return new(node);
    }

    public AccountMail Mail(long number) => Node.Mail(number);

    public static AclIdentifier Who(long number) => AclIdentifier.TryParse($"user{number}@example.test")!;

    public static MailboxName Own(string name) => MailboxName.Parse(name);

    /// <summary>As others name a mailbox of Ann's.</summary>
    public static MailboxName OfAnn(string name) => MailboxName.Parse($"Other Users/user{Ann}@example.test/{name}");

    /// <summary>A new mailbox of Ann's with two messages, the first one \Deleted; its name and id.</summary>
    public async Task<(string Name, MailboxId Id)> BoxAsync(params (long Who, MailboxRights Rights)[] shared)
    {
        var name = $"Box{Interlocked.Increment(ref _boxes)}";
        var box = await Mail(Ann).Mailboxes.CreateAsync(Own(name), SpecialUse.None, None);
        await Mail(Ann).PutAsync(Node, box.Id, 1, FlagSet.Deleted);
        await Mail(Ann).PutAsync(Node, box.Id);
        foreach (var (who, rights) in shared)
            await ShareAsync(name, who, rights);
        return (name, box.Id);
    }

    public async Task ShareAsync(string name, long who, MailboxRights rights) =>
        await Mail(Ann).Sharing.SetAsync(Own(name), Who(who), AclOperation.Replace, rights, None);

    public async Task<MailboxId> FindAsync(long who, string ofAnn) => (await Mail(who).Mailboxes.FindAsync(OfAnn(ofAnn), None))!.Id;

    public static async Task<MailError> RefusedAsync(Func<Task> action) => (await Assert.ThrowsAsync<MailException>(action)).Error;

    public async ValueTask DisposeAsync() => await Node.DisposeAsync();
}
