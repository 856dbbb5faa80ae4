using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>The header fields that the reader keeps.</summary>
internal enum MimeField
{
    ContentType,
    ContentTransferEncoding,
    ContentId,
    ContentDescription,
    ContentMd5,
    ContentDisposition,
    ContentLanguage,
    ContentLocation,
    Date,
    Subject,
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
    InReplyTo,
    MessageId,
    References,

    /// <summary>Ours, in drafts of the web only: which message is answered or forwarded.</summary>
    DraftOrigin,
}

/// <summary>Finds a field by its name as it stands in a message.</summary>
internal static class MimeFields
{
    public const int Count = (int)MimeField.DraftOrigin + 1;

    private static readonly string[] Names =
    [
        "Content-Type", "Content-Transfer-Encoding", "Content-ID", "Content-Description", "Content-MD5", "Content-Disposition", "Content-Language",
        "Content-Location", "Date", "Subject", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "In-Reply-To", "Message-ID", "References", MessageComposer.OriginHeader,
    ];

    public static bool TryFind(ReadOnlySpan<byte> name, out MimeField field)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (Names[i].Length == name.Length && Ascii.EqualsIgnoreCase(name, Names[i]))
            {
                field = (MimeField)i;
                return true;
            }
        }

        field = default;
        return false;
    }

    /// <summary>Several of these in one header count as one list.</summary>
    public static bool IsAddressList(MimeField field) => field is >= MimeField.From and <= MimeField.Bcc;
}
