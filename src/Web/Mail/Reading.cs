using Webmail.MailCore.Mime;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>What the reading pane needs to know of a message beside its text.</summary>
/// <param name="RemoteImages">How many pictures would be fetched from elsewhere.</param>
public sealed record Reading(bool HasHtml, int RemoteImages, IReadOnlyList<MessageFile> Attachments)
{
    /// <summary>Null when the message is gone.</summary>
    public static async Task<Reading?> ReadAsync(AccountMail mail, MessageKey key, CancellationToken ct)
    {
        var bodies = await mail.Messages.ReadBodiesAsync(key.Box, [key.Uid], ct);
        if (bodies.Count == 0)
            return null;
        var view = await MessageView.ReadAsync(bodies[0].Body, ct);
        // Cleaning is work for the processor: not on the circuit's thread.
        var remote = view.HasHtml ? await Task.Run(() => view.Texts.Where(t => t.IsHtml).Sum(t => SafeHtml.ForReading(t.Content, _ => null, allowRemote: false)?.RemoteImages ?? 0), ct) : 0;
        return new(view.HasHtml, remote, [.. view.Files.Where(f => !f.IsInline)]);
    }
}
