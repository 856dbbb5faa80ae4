using Webmail.MailCore.Inbound;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Smtp;

/// <summary>What the parameters of MAIL said.</summary>
internal sealed class MailOptions
{
    /// <summary>SIZE; null: not said.</summary>
    public long? Size { get; set; }

    /// <summary>BODY=8BITMIME.</summary>
    public bool Is8Bit { get; set; }

    /// <summary>SMTPUTF8.</summary>
    public bool NeedsUtf8 { get; set; }

    /// <summary>ENVID, as given (xtext).</summary>
    public string? EnvId { get; set; }

    /// <summary>RET: "FULL" or "HDRS".</summary>
    public string? Ret { get; set; }
}

/// <summary>What the parameters of RCPT said.</summary>
internal sealed class RcptOptions
{
    /// <summary>NOTIFY, in upper case.</summary>
    public string? Notify { get; set; }

    /// <summary>ORCPT, as given.</summary>
    public string? Orcpt { get; set; }
}

/// <summary>One mail transaction: from MAIL to the answer for its message, or to whatever ends it before.</summary>
internal sealed class SmtpTransaction(EmailAddress? sender, MailOptions options) : IAsyncDisposable
{
    /// <summary>Null: the null sender.</summary>
    public EmailAddress? Sender { get; } = sender;

    public MailOptions Options { get; } = options;

    public List<InboundRecipient> Recipients { get; } = [];

    /// <summary>A recipient was refused: none at all is then the client's mistake in a batch, not out of order.</summary>
    public bool HasRefused { get; set; }

    private CrLfCheck _chunkLines;

    /// <summary>The line ends of the chunks so far.</summary>
    public CrLfCheck ChunkLines => _chunkLines;

    /// <summary>The message under way by BDAT; null: none has come yet.</summary>
    public MessageIntake? Chunks { get; set; }

    public void FeedChunk(ReadOnlySpan<byte> piece) => _chunkLines.Feed(piece);

    public ValueTask DisposeAsync() => Chunks?.DisposeAsync() ?? default;
}
