using Webmail.MailCore.Model;

namespace Webmail.MailCore.Store;

/// <summary>What was read once, at append (wire forms and whatever comes from a header are bytes: a header may hold NUL and bad UTF-8).</summary>
/// <param name="HeaderSize">Bytes of the header with the empty line that ends it; the whole message where there is none.</param>
/// <param name="SentAt">The Date header as an instant; null when missing or unusable.</param>
/// <param name="References">64-bit hashes of the message ids in Message-ID, In-Reply-To and References, own id first; for threading.</param>
/// <param name="Ancestry">Hashes of the own id (0: none) and of the ancestors' ids as RFC 5256 takes them, the parent last: 8 octets each, in network order.</param>
/// <param name="Envelope">IMAP's ENVELOPE, ready to send, parentheses included.</param>
/// <param name="Structure">IMAP's BODYSTRUCTURE, ready to send. BODY (the shorter form) is <paramref name="Body"/>.</param>
/// <param name="Preview">The first words as plain text, at most 200 characters.</param>
/// <param name="SortSubject">Base subject (RFC 5256 section 2.1) folded for comparison; sort keys are at most 255 bytes.</param>
/// <param name="HasAttachments">There is a part that a reader would call an attachment.</param>
public sealed record MessageFacts(
    uint Size,
    int HeaderSize,
    DateTimeOffset? SentAt,
    DateOnly? SentDay,
    IReadOnlyList<long> References,
    ReadOnlyMemory<byte> Ancestry,
    ReadOnlyMemory<byte> Envelope,
    ReadOnlyMemory<byte> Body,
    ReadOnlyMemory<byte> Structure,
    string Preview,
    ReadOnlyMemory<byte> SortSubject,
    ReadOnlyMemory<byte> SortFrom,
    ReadOnlyMemory<byte> SortTo,
    ReadOnlyMemory<byte> SortCc,
    bool HasAttachments);

/// <summary>A message's row for lists and FETCH, beside its index entry.</summary>
/// <param name="Thread">THREADID of RFC 8474, opaque.</param>
public sealed record MessageRow(
    Uid Uid,
    EmailId Id,
    string Thread,
    int HeaderSize,
    DateTimeOffset? SentAt,
    ReadOnlyMemory<byte> Envelope,
    ReadOnlyMemory<byte> Body,
    ReadOnlyMemory<byte> Structure,
    string Preview,
    bool HasAttachments,
    string? Verdicts);
