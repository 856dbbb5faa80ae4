using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>An annotation was set or removed (RFC 5464).</summary>
/// <param name="Mailbox">Null: of the server.</param>
public sealed record AnnotationChange(MailboxId? Mailbox, string Entry, ModSeq ModSeq);

/// <summary>All names of an account at one moment, with counters. Immutable, and shared by all sessions of a node that watch the account.</summary>
/// <param name="Names">As <see cref="IMailboxStore.ListNamesAsync"/> gives them.</param>
/// <param name="OnlySubscribed">Names that are subscribed and don't exist.</param>
/// <param name="ModSeq">Where the account stood: of two listings the one with the higher is the newer.</param>
/// <param name="Annotated">The latest changes of annotations since somebody watches, the newest last.</param>
public sealed record MailboxListing(
    IReadOnlyList<MailboxInfo> Names, IReadOnlyList<MailboxName> OnlySubscribed, ModSeq ModSeq, IReadOnlyList<AnnotationChange> Annotated)
{
    private readonly Lazy<Dictionary<string, MailboxInfo>> _byName = new(() => Names.ToDictionary(static info => info.Name.Value, StringComparer.Ordinal));
    private readonly Lazy<Dictionary<MailboxId, MailboxInfo>> _byId =
        new(() => Names.Where(static info => info.IsSelectable).ToDictionary(static info => info.Id));

    /// <summary>What has this name; null: nothing.</summary>
    public MailboxInfo? Find(string name) => _byName.Value.GetValueOrDefault(name);

    /// <summary>The mailbox, whatever its name is; null: it wasn't there.</summary>
    public MailboxInfo? Find(MailboxId id) => _byId.Value.GetValueOrDefault(id);

    public bool IsSubscribed(string name) => Find(name)?.IsSubscribed ?? OnlySubscribed.Any(subscribed => subscribed.Value == name);
}

/// <summary>An account's listing, kept up to date until it is disposed of: read once a node however many watch it, and only after something changed.</summary>
public interface IMailboxListWatch : IDisposable
{
    /// <summary>The newest one this node knows. Costs nothing.</summary>
    MailboxListing Current { get; }

    /// <summary>What this node heard of shared annotations of the server.</summary>
    ServerNews Server { get; }

    /// <summary>Reads it now: what has been committed is in <see cref="Current"/> when it returns.</summary>
    /// <exception cref="MailException">Unavailable</exception>
    ValueTask LookAsync(CancellationToken ct);
}

/// <param name="Count">How many changes there were since the node started.</param>
/// <param name="Latest">The names of the last of them, the newest last.</param>
public sealed record ServerNews(long Count, IReadOnlyList<string> Latest);
