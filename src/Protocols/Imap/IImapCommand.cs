using Webmail.MailCore.Store;

namespace Webmail.Protocols.Imap;

/// <summary>What the table and the framing know of a command before it is parsed.</summary>
/// <param name="Name">In upper case.</param>
internal sealed record Verb(string Name)
{
    /// <summary>"UID NAME" exists too; <see cref="ImapReader.IsUid"/> tells them apart.</summary>
    public bool HasUidForm { get; init; }

    /// <summary>What CAPABILITY says because this command exists; null: it belongs to the base protocol.</summary>
    public string? Capability { get; init; }

    /// <summary>The largest literal among the arguments, in octets. Messages are bounded by Limits.MessageSize instead.</summary>
    public int MaxLiteral { get; init; } = 8 * 1024;

    /// <summary>What is said to a longer one.</summary>
    public Reply TooLong { get; init; } = Reply.Bad("The literal is too long", Code.TooBig);

    /// <summary>Its literals may hold any octets (literal8).</summary>
    public bool TakesBinary { get; init; }

    /// <summary>Whether a literal that follows these arguments is a message, to be spooled rather than held.</summary>
    public MessageLiteral IsMessage { get; init; } = static _ => false;

    /// <summary>No EXPUNGE may be sent while this command (without UID) is answered: its client counts by message numbers (RFC 3501 section 7.4.1).</summary>
    public bool HoldsExpunges { get; init; }

    /// <summary>It only leaves the mailbox: done even where the right to read it was taken away.</summary>
    public bool Leaves { get; init; }

    /// <summary>The client polls: the database is asked for news before the answer.</summary>
    public bool AsksForNews { get; init; }
}

internal delegate bool MessageLiteral(ReadOnlySpan<byte> argumentsSoFar);

/// <summary>A command: its verb, its grammar, and (by the interface it has) the state it needs. Parse is pure; Run never writes the tagged line.</summary>
internal interface IImapCommand<TSelf>
    where TSelf : class, IImapCommand<TSelf>
{
    static abstract Verb Verb { get; }

    /// <summary>Reads the arguments, from behind the verb to the end.</summary>
    /// <exception cref="SyntaxException">BAD</exception>
    /// <exception cref="MailCore.Model.MailException">NO: a value that can't be accepted</exception>
    static abstract TSelf Parse(ref ImapReader r);
}

/// <summary>A command for every state.</summary>
internal interface IAnyStateCommand<TSelf> : IImapCommand<TSelf>
    where TSelf : class, IAnyStateCommand<TSelf>
{
    ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct);
}

/// <summary>A command for clients that have not logged in yet.</summary>
internal interface IAnonymousCommand<TSelf> : IImapCommand<TSelf>
    where TSelf : class, IAnonymousCommand<TSelf>
{
    ValueTask<Reply> RunAsync(ImapSession session, CancellationToken ct);
}

/// <summary>A command for clients that have logged in, with a mailbox selected or not.</summary>
internal interface IAuthenticatedCommand<TSelf> : IImapCommand<TSelf>
    where TSelf : class, IAuthenticatedCommand<TSelf>
{
    ValueTask<Reply> RunAsync(ImapSession session, AccountMail mail, CancellationToken ct);
}

/// <summary>A command for clients with a mailbox selected.</summary>
internal interface ISelectedCommand<TSelf> : IImapCommand<TSelf>
    where TSelf : class, ISelectedCommand<TSelf>
{
    ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct);
}
