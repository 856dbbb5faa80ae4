using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Messages into mailboxes: append_1.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124080001_MailAppend")]
internal sealed class MailAppend : SqlMigration;
