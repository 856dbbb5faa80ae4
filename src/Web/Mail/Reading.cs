using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>A file in a message. <paramref name="Section"/> is its part number as IMAP counts ("2", "3.1").</summary>
public sealed record ReadingFile(string Section, string Name, string Type, long Size);

/// <summary>What the reading pane needs to know of a message beside its text.</summary>
/// <param name="RemoteImages">How many pictures would be fetched from elsewhere.</param>
public sealed record Reading(bool HasHtml, int RemoteImages, IReadOnlyList<ReadingFile> Attachments)
{
    /// <summary>Null when the message is gone.</summary>
    public static async Task<Reading?> ReadAsync(AccountMail mail, MessageKey key, CancellationToken ct)
    {
        var bodies = await mail.Messages.ReadBodiesAsync(key.Box, [key.Uid], ct);
        return bodies.Count == 0 ? null : new(HasHtml: false, 0, []);
    }
}
