using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <param name="Entry">The whole name, in lower case: "/shared/comment".</param>
/// <param name="Value">Null: there is none, or it is to be removed.</param>
public sealed record Annotation(string Entry, byte[]? Value)
{
    /// <summary>Of this user only.</summary>
    public bool IsPrivate => Entry.StartsWith("/private/", StringComparison.Ordinal);
}

/// <summary>Annotations of mailboxes and of the server (RFC 5464), as one principal may see and set them.</summary>
public interface IAnnotationStore
{
    /// <summary>Octets of one value.</summary>
    const int MaxValue = 32 * 1024;

    /// <summary>Entries that have a value, by name.</summary>
    /// <param name="mailbox">Null: of the server.</param>
    /// <param name="entries">These.</param>
    /// <param name="depth">And what stands below them, so many levels down; <see cref="int.MaxValue"/>: everything.</param>
    ValueTask<IReadOnlyList<Annotation>> ReadAsync(MailboxId? mailbox, IReadOnlyList<string> entries, int depth, CancellationToken ct);

    /// <summary>All or none. Shared ones of the server are for administrators.</summary>
    /// <exception cref="MailException">NotFound; NoPermission; LimitReached: too many entries</exception>
    ValueTask SetAsync(MailboxId? mailbox, IReadOnlyList<Annotation> annotations, CancellationToken ct);

    /// <summary>Gives a mailbox its use; None takes it away (RFC 6154 section 4).</summary>
    /// <exception cref="MailException">AlreadyExists: another has it; Invalid: INBOX can have none</exception>
    ValueTask SetUseAsync(MailboxId mailbox, SpecialUse use, CancellationToken ct);
}
